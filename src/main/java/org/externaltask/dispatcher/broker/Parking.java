package org.externaltask.dispatcher.broker;

import java.time.Instant;
import java.util.List;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.stereotype.Component;

/** Puts a message aside for a person to look at: the original, with the reason, in a durable queue, confirmed. */
@Component
class Parking {

    static final String REASON = "etd-parked-reason";
    static final String QUEUE = "etd-parked-queue";

    /** Everything that parking adds to a message. */
    static final List<String> HEADERS = List.of(
            REASON,
            QUEUE,
            "etd-parked-exchange",
            "etd-parked-routing-key",
            "etd-parked-first-seen",
            "etd-parked-attempts",
            "etd-parked-at");

    private final Publisher publisher;
    private final Topology topology;
    private final Destination parkingQueue;

    Parking(Publisher publisher, Topology topology, EtdProperties properties) {
        this.publisher = publisher;
        this.topology = topology;
        this.parkingQueue = Destination.queue(properties.broker().parkingQueue());
    }

    /** Returns when the broker has confirmed the parked message; otherwise fails, and the message is still the caller's. */
    void park(Message message, String reason, Attempts attempts) {
        topology.declareParking();
        publisher.publishAndWait(parkingQueue, parked(message, reason, attempts));
    }

    private static Message parked(Message message, String reason, Attempts attempts) {
        Message parked = MessageCopy.of(message, Attempts.HEADERS);
        MessageProperties properties = parked.getMessageProperties();
        properties.setHeader(REASON, reason);
        properties.setHeader(QUEUE, message.getMessageProperties().getConsumerQueue());
        properties.setHeader("etd-parked-exchange", attempts.exchange());
        properties.setHeader("etd-parked-routing-key", attempts.routingKey());
        properties.setHeader("etd-parked-first-seen", attempts.firstSeen().toString());
        properties.setHeader("etd-parked-attempts", attempts.made());
        properties.setHeader("etd-parked-at", Instant.now().toString());
        return parked;
    }
}
