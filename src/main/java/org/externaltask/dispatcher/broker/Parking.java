package org.externaltask.dispatcher.broker;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.core.MessagePropertiesBuilder;
import org.springframework.stereotype.Component;

/** Puts a message aside for a person to look at: the original, with the reason, in a durable queue, confirmed. */
@Component
class Parking {

    /** RabbitMQ also delivers to the queues that these name, so a sender could choose where a parked message goes. */
    private static final List<String> ROUTING_HEADERS = List.of("CC", "BCC");

    private final Publisher publisher;
    private final Topology topology;
    private final Destination parkingQueue;

    Parking(Publisher publisher, Topology topology, EtdProperties properties) {
        this.publisher = publisher;
        this.topology = topology;
        this.parkingQueue = Destination.queue(properties.broker().parkingQueue());
    }

    /** Returns when the broker has confirmed the parked message; otherwise fails, and the message is still the caller's. */
    void park(Message message, String reason, Instant firstSeen) {
        topology.declareParking();
        try {
            publisher.publish(parkingQueue, parked(message, reason, firstSeen)).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof PublishFailed failed ? failed : e;
        }
    }

    private static Message parked(Message message, String reason, Instant firstSeen) {
        MessageProperties received = message.getMessageProperties();
        MessageProperties properties = MessagePropertiesBuilder.fromClonedProperties(received)
                .setDeliveryMode(MessageDeliveryMode.PERSISTENT)
                .setExpiration(null) // a parked message waits for a person, however long
                .setHeader("etd-parked-reason", reason)
                .setHeader("etd-parked-queue", received.getConsumerQueue())
                .setHeader("etd-parked-exchange", received.getReceivedExchange())
                .setHeader("etd-parked-routing-key", received.getReceivedRoutingKey())
                .setHeader("etd-parked-first-seen", firstSeen.toString())
                .setHeader("etd-parked-at", Instant.now().toString())
                .build();
        ROUTING_HEADERS.forEach(properties.getHeaders()::remove);
        return MessageBuilder.withBody(message.getBody())
                .andProperties(properties)
                .build();
    }
}
