package org.externaltask.dispatcher.broker;

import com.rabbitmq.client.GetResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.externaltask.dispatcher.broker.MessageCounts.Outcome;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.support.DefaultMessagePropertiesConverter;
import org.springframework.amqp.rabbit.support.MessagePropertiesConverter;
import org.springframework.stereotype.Component;

/**
 * Looks at the parked messages, and sends them back to the queues that they came from. Where that is stands in a header that a sender
 * can forge, so that nothing goes to a queue that none of our routes consumes.
 */
@Component
public class ParkedMessages {

    private static final int MOST = 1_000;
    private static final int REASONS = 20;
    private static final int LISTED = 100;

    /** What tells of the past of a message, ours and the broker's. */
    private static final List<String> PAST = past();

    private final RabbitTemplate template;
    private final Publisher publisher;
    private final ReceiveRoutes routes;
    private final MessageCounts counts;
    private final String parkingQueue;
    private final MessagePropertiesConverter converter = new DefaultMessagePropertiesConverter();
    private final Lock oneAtATime = new ReentrantLock();

    ParkedMessages(
            ConnectionFactory connections,
            Publisher publisher,
            ReceiveRoutes routes,
            MessageCounts counts,
            EtdProperties properties) {
        template = new RabbitTemplate(connections);
        this.publisher = publisher;
        this.routes = routes;
        this.counts = counts;
        this.parkingQueue = properties.broker().parkingQueue();
    }

    /**
     * What is parked.
     *
     * @param messages how many in all
     * @param lookedAt how many of them, the oldest, the rest is about
     * @param queues by the queue that they came from
     */
    public record Overview(int messages, int lookedAt, Map<String, Parked> queues) {}

    /**
     * What came from one queue.
     *
     * @param messages how many
     * @param reasons how many for each reason, as far as it is known; not more than 20 reasons
     */
    public record Parked(int messages, Map<String, Integer> reasons) {}

    /**
     * What was sent back.
     *
     * @param sent how many, by queue
     * @param left how many of those looked at stay parked: they were not asked for, or none of our routes consumes their queue
     * @param problem why it ended early; null when it did not
     */
    public record Redriven(Map<String, Integer> sent, int left, String problem) {}

    /**
     * The parked messages.
     *
     * @param total how many there are
     * @param messages the oldest of them, a hundred at most
     */
    public record Listed(int total, List<ParkedMessage> messages) {}

    /** The oldest messages, each by itself. */
    public Listed list() {
        Set<String> known = routes.queues();
        List<ParkedMessage> messages = new ArrayList<>();
        int total = forEach(LISTED, message -> {
            messages.add(ParkedMessage.of(message, known));
            return false;
        });
        return new Listed(total, messages);
    }

    public Overview overview() {
        Map<String, Parked> queues = new TreeMap<>();
        Set<String> known = routes.queues();
        AtomicInteger lookedAt = new AtomicInteger();
        int messages = forEach(MOST, message -> {
            lookedAt.incrementAndGet();
            ParkedMessage parked = ParkedMessage.of(message, known);
            Parked before = queues.getOrDefault(parked.queue(), new Parked(0, Map.of()));
            queues.put(parked.queue(), new Parked(before.messages() + 1, plusOne(before.reasons(), parked.reason())));
            return false;
        });
        return new Overview(messages, lookedAt.get(), queues);
    }

    /**
     * Sends messages back, the oldest first, a thousand at a time.
     *
     * @param queue only what came from this one; null for all
     * @param messageId only the messages with this id; null for all
     */
    public Redriven redrive(String queue, String messageId) {
        return redrive((parked, message) -> (queue == null || queue.equals(parked.queue()))
                && (messageId == null
                        || messageId.equals(message.getMessageProperties().getMessageId())));
    }

    /** Sends these messages back, as {@link #list} names them. */
    public Redriven redrive(Set<String> ids) {
        return redrive((parked, message) -> ids.contains(parked.id()));
    }

    /**
     * Deletes these messages for good.
     *
     * @param ids as {@link #list} names them
     * @return how many were still there
     */
    public int discard(Set<String> ids) {
        Set<String> known = routes.queues();
        AtomicInteger discarded = new AtomicInteger();
        forEach(MOST, message -> {
            boolean isDone = ids.contains(ParkedMessage.of(message, known).id());
            if (isDone) {
                discarded.incrementAndGet();
            }
            return isDone;
        });
        return discarded.get();
    }

    private Redriven redrive(BiPredicate<ParkedMessage, Message> isWanted) {
        Set<String> known = routes.queues();
        Map<String, Integer> sent = new TreeMap<>();
        AtomicInteger left = new AtomicInteger();
        AtomicReference<String> problem = new AtomicReference<>();
        forEach(MOST, message -> {
            ParkedMessage parked = ParkedMessage.of(message, known);
            String origin = parked.queue();
            if (problem.get() == null && !origin.equals(ParkedMessage.UNKNOWN) && isWanted.test(parked, message)) {
                try {
                    publisher.publishAndWait(Destination.queue(origin), MessageCopy.of(message, PAST));
                    sent.merge(origin, 1, Integer::sum);
                    counts.count(origin, Outcome.REDRIVEN);
                    return true;
                } catch (PublishFailed e) {
                    problem.set(e.getMessage());
                }
            }
            left.incrementAndGet();
            return false;
        });
        return new Redriven(sent, left.get(), problem.get());
    }

    /**
     * Shows the oldest messages one by one. Those that stay are put back together at the end, so that none is shown twice.
     *
     * @param most how many at most
     * @param isDone whether a message may leave the queue
     * @return how many messages the queue had
     */
    private int forEach(int most, Predicate<Message> isDone) {
        oneAtATime.lock();
        try {
            return Objects.requireNonNull(template.execute(channel -> {
                int messages = channel.queueDeclarePassive(parkingQueue).getMessageCount();
                List<Long> stay = new ArrayList<>();
                try {
                    for (int i = 0; i < Math.min(messages, most); i++) {
                        GetResponse got = channel.basicGet(parkingQueue, false);
                        if (got == null) {
                            break;
                        }
                        Long tag = got.getEnvelope().getDeliveryTag();
                        stay.add(tag);
                        if (isDone.test(message(got))) {
                            channel.basicAck(tag, false);
                            stay.remove(tag);
                        }
                    }
                } finally {
                    for (long tag : stay) { // one by one: not every broker understands how to put several back
                        channel.basicNack(tag, false, true);
                    }
                }
                channel.queueDeclarePassive(parkingQueue); // its answer comes when they are back for who looks next
                return messages;
            }));
        } finally {
            oneAtATime.unlock();
        }
    }

    private Message message(GetResponse got) {
        MessageProperties properties = converter.toMessageProperties(got.getProps(), got.getEnvelope(), "UTF-8");
        return new Message(got.getBody(), properties);
    }

    private static Map<String, Integer> plusOne(Map<String, Integer> reasons, String reason) {
        Map<String, Integer> more = new TreeMap<>(reasons);
        more.merge(more.containsKey(reason) || more.size() < REASONS ? reason : "other", 1, Integer::sum);
        return more;
    }

    private static List<String> past() {
        List<String> past = new ArrayList<>(Parking.HEADERS);
        past.addAll(MessageCopy.BROKER_HEADERS);
        past.addAll(Attempts.HEADERS);
        return List.copyOf(past);
    }
}
