package org.externaltask.dispatcher.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.stereotype.Component;

/**
 * The queues in which a message waits for its next try. A message goes into one through the exchange of the same name, with the name of
 * the queue that it came from as its routing key; when its time is over the broker routes it back by that key.
 */
@Component
class RetryQueues {

    private final Publisher publisher;
    private final WaitingMessages waiting;
    private final String prefix;
    private final List<Duration> delays;

    RetryQueues(Publisher publisher, WaitingMessages waiting, EtdProperties properties) {
        this.publisher = publisher;
        this.waiting = waiting;
        this.prefix = properties.broker().retryQueue();
        this.delays = properties.broker().retryDelays();
    }

    boolean exist() {
        return !delays.isEmpty();
    }

    /** What has been tried before this delivery. */
    Attempts before(MessageProperties delivery, Instant now) {
        String exchange = delivery.getReceivedExchange();
        return exchange != null && exchange.startsWith(prefix + ".")
                ? Attempts.read(delivery, now)
                : Attempts.none(delivery, now);
    }

    /** Returns when the broker has confirmed that it keeps the message; otherwise fails, and the message is still the caller's. */
    void later(Message message, Attempts attempts) {
        Duration delay = delays.get(Math.min(attempts.made(), delays.size()) - 1);
        Message copy = MessageCopy.of(message, MessageCopy.BROKER_HEADERS);
        attempts.write(copy.getMessageProperties());
        String queue = message.getMessageProperties().getConsumerQueue();
        publisher.publishAndWait(new Destination(name(prefix, delay), queue), copy);
        waiting.put(queue, delay);
    }

    /** The exchange and the queue for a delay, for example {@code etd.retry.10s}. */
    static String name(String prefix, Duration delay) {
        return prefix + "." + (delay.toMillis() % 1000 == 0 ? delay.toSeconds() + "s" : delay.toMillis() + "ms");
    }

    /** The exchange through which messages go back, by the name of their queue. */
    static String wayBack(String prefix) {
        return prefix + ".back";
    }
}
