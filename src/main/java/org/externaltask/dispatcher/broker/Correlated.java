package org.externaltask.dispatcher.broker;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.Message;
import org.springframework.stereotype.Component;

/** Remembers the messages that have done their work, by queue, id and body, to tell repeats. In this process only. */
@Component
class Correlated {

    private static final Logger log = LoggerFactory.getLogger(Correlated.class);
    private static final int MOST = 50_000;

    private final Cache<Key, Entry> messages;

    Correlated(EtdProperties properties) {
        messages = Caffeine.newBuilder()
                .maximumSize(MOST)
                .expireAfterWrite(properties.broker().messageTtl().multipliedBy(2)) // a repeat may itself have waited
                .build();
    }

    private record Key(String queue, String messageId) {}

    private record Entry(String body, boolean complained) {}

    /** To be called only when the route has succeeded, so that a crash makes a repeat and not a loss. */
    void add(Message message) {
        Key key = key(message);
        if (key != null) {
            messages.asMap()
                    .merge(key, new Entry(hash(message), false), (old, now) -> new Entry(now.body(), old.complained()));
        }
    }

    /** Whether the same message has done its work; says so once for each. */
    boolean has(Message message) {
        Key key = key(message);
        Entry entry = key == null ? null : messages.getIfPresent(key);
        if (entry == null) {
            return false;
        }
        boolean same = entry.body().equals(hash(message));
        if (!entry.complained() && messages.asMap().replace(key, entry, new Entry(entry.body(), true))) {
            log.warn(
                    same
                            ? "Message {} of queue {} has been correlated before; this repeat, and further ones, are acknowledged"
                            : "The id {} of a message of queue {} has been used before, with another body; it is taken as another"
                                    + " message. See that the sender gives each message an id of its own",
                    Line.of(key.messageId()),
                    key.queue());
        }
        return same;
    }

    private static Key key(Message message) {
        String id = message.getMessageProperties().getMessageId();
        return id == null || id.isEmpty()
                ? null
                : new Key(message.getMessageProperties().getConsumerQueue(), id);
    }

    private static String hash(Message message) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(message.getBody()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
