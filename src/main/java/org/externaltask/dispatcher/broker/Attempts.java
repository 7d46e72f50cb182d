package org.externaltask.dispatcher.broker;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.springframework.amqp.core.MessageProperties;

/**
 * What has been tried with a message so far. It travels with the message through the retry queues, in headers.
 *
 * @param made how many deliveries have failed
 * @param firstSeen when the first of them came
 * @param unanswered whether the engine got the message and its answer was lost, so that it may have been correlated
 * @param exchange the exchange that the message was sent to at first
 * @param routingKey the routing key that it was sent with at first
 */
record Attempts(int made, Instant firstSeen, boolean unanswered, String exchange, String routingKey) {

    private static final String MADE = "etd-attempts";
    private static final String FIRST_SEEN = "etd-first-seen";
    private static final String UNANSWERED = "etd-unanswered";
    private static final String EXCHANGE = "etd-exchange";
    private static final String ROUTING_KEY = "etd-routing-key";

    /** All of the headers. */
    static final List<String> HEADERS = List.of(MADE, FIRST_SEEN, UNANSWERED, EXCHANGE, ROUTING_KEY);

    private static final int MOST = 1_000_000;

    /** For a message that does not come from a retry queue: headers that say otherwise are not ours. */
    static Attempts none(MessageProperties delivery, Instant now) {
        return new Attempts(0, now, false, delivery.getReceivedExchange(), delivery.getReceivedRoutingKey());
    }

    /** For a message that comes from a retry queue. Whoever may send there can forge this, to no other message's harm. */
    static Attempts read(MessageProperties delivery, Instant now) {
        Instant firstSeen = instant(delivery.getHeader(FIRST_SEEN));
        return new Attempts(
                delivery.getHeader(MADE) instanceof Number made
                        ? (int) Math.max(0, Math.min(made.longValue(), MOST))
                        : 0,
                firstSeen == null || firstSeen.isAfter(now) ? now : firstSeen,
                Boolean.TRUE.equals(delivery.getHeader(UNANSWERED)),
                delivery.getHeader(EXCHANGE) instanceof String exchange ? exchange : delivery.getReceivedExchange(),
                delivery.getHeader(ROUTING_KEY) instanceof String key ? key : delivery.getReceivedRoutingKey());
    }

    Attempts andOneMore(boolean withoutAnswer) {
        return new Attempts(made + 1, firstSeen, unanswered || withoutAnswer, exchange, routingKey);
    }

    void write(MessageProperties to) {
        to.setHeader(MADE, made);
        to.setHeader(FIRST_SEEN, firstSeen.toString());
        to.setHeader(UNANSWERED, unanswered);
        to.setHeader(EXCHANGE, exchange);
        to.setHeader(ROUTING_KEY, routingKey);
    }

    private static Instant instant(Object header) {
        try {
            return header instanceof String text ? Instant.parse(text) : null;
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
