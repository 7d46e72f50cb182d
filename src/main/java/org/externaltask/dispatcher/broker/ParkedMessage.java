package org.externaltask.dispatcher.broker;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;

/**
 * A parked message, without its content.
 *
 * @param id tells it from the others, and is the same each time that it is looked at
 * @param queue where it came from; {@code unknown} when no route of ours receives from there
 * @param messageId as its sender has called it; null when it has not
 * @param attempts how often it was delivered; null when the broker itself has put it aside
 */
record ParkedMessage(
        String id, String queue, String reason, String messageId, Integer attempts, String firstSeen, String parkedAt) {

    static final String UNKNOWN = "unknown";

    private static final int ID_CHARACTERS = 20;

    /** @param known the queues that routes of ours receive from; where it came from stands in a header that a sender can forge */
    static ParkedMessage of(Message message, Set<String> known) {
        MessageProperties properties = message.getMessageProperties();
        Object attempts = properties.getHeader("etd-parked-attempts");
        return new ParkedMessage(
                id(message),
                origin(properties, known),
                reason(properties),
                line(properties.getMessageId()),
                attempts instanceof Number number ? number.intValue() : null,
                line(properties.getHeader("etd-parked-first-seen")),
                line(properties.getHeader("etd-parked-at")));
    }

    /** A message need not have an id of its own, and several may have the same one. */
    private static String id(Message message) {
        MessageProperties properties = message.getMessageProperties();
        String past = properties.getMessageId() + "\n" + properties.getHeader(Parking.QUEUE) + "\n"
                + properties.getHeader("etd-parked-at") + "\n" + properties.getHeader("x-first-death-queue") + "\n";
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(past.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(message.getBody())).substring(0, ID_CHARACTERS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String origin(MessageProperties properties, Set<String> known) {
        Object parked = properties.getHeader(Parking.QUEUE);
        Object origin = parked == null ? properties.getHeader("x-first-death-queue") : parked;
        return origin instanceof String queue && known.contains(queue) ? queue : UNKNOWN;
    }

    private static String reason(MessageProperties properties) {
        Object parked = properties.getHeader(Parking.REASON);
        return parked == null
                ? "dead-lettered by the broker: " + Line.of(properties.getHeader("x-first-death-reason"))
                : Line.of(parked.toString());
    }

    private static String line(Object text) {
        return text == null ? null : Line.of(text.toString());
    }
}
