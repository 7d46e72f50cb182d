package org.externaltask.dispatcher.usertask;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.externaltask.dispatcher.engine.EngineConnection;
import org.externaltask.dispatcher.engine.EngineFault;
import org.externaltask.dispatcher.externaltask.SubscriptionKey;
import org.externaltask.dispatcher.usertask.UserTaskPoll.ListedTask;
import org.externaltask.dispatcher.usertask.UserTaskSubscription.Event;
import org.externaltask.dispatcher.usertask.UserTaskSubscription.Key;

/** Says what one engine is to be asked for next about user tasks, and which of them may be begun. */
final class EngineUserTasks {

    /** Camel, which stops the loops one after the other, waits for each until it comes by. */
    private static final Duration WHILE_STOPPED = Duration.ofMillis(500);

    private final Supplier<List<UserTaskSubscription>> subscriptions;
    private final ToIntFunction<UserTaskSubscription> room;
    private final EngineConnection connection;
    private final Map<Key, UserTaskPoll> polls = new HashMap<>();
    private boolean stopped;

    /** @param room how many tasks may be in work at once as far as what they call is concerned */
    EngineUserTasks(
            String engine,
            Supplier<List<UserTaskSubscription>> subscriptions,
            ToIntFunction<UserTaskSubscription> room) {
        this.subscriptions = subscriptions;
        this.room = room;
        this.connection = new EngineConnection(engine, "queries for user tasks", "they stay in the engine");
    }

    /** The next query; null when there is none before a task may be begun, or before the patience ends. */
    synchronized UserTaskQuery next(Duration patience) throws InterruptedException {
        long began = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            List<UserTaskPoll> wanted = wanted(now);
            long wait = began + (stopped ? WHILE_STOPPED : patience).toNanos() - now;
            long pause = connection.pauseNanos(now);
            Optional<UserTaskPoll> first =
                    wanted.stream().min(Comparator.comparingLong(poll -> poll.nanosToNextQuery(now)));
            if (first.isPresent()) {
                long query = Math.max(first.get().nanosToNextQuery(now), pause);
                if (query <= 0) {
                    return first.get().query(now);
                }
                wait = Math.min(wait, query);
            }
            for (UserTaskPoll poll : wanted) {
                wait = Math.min(wait, poll.nanosToNextStart(room.applyAsInt(poll.subscription()), now));
            }
            if (wait <= 0) {
                return null;
            }
            TimeUnit.NANOSECONDS.timedWait(this, wait);
        }
    }

    private List<UserTaskPoll> wanted(long now) {
        List<UserTaskPoll> wanted = new ArrayList<>();
        Set<Key> keys = new HashSet<>();
        for (UserTaskSubscription subscription : subscriptions.get()) {
            UserTaskPoll poll = polls.computeIfAbsent(
                    subscription.key(), key -> new UserTaskPoll(subscription, OffsetDateTime.now(), now));
            poll.use(subscription, now);
            keys.add(subscription.key());
            wanted.add(poll);
        }
        polls.entrySet()
                .removeIf(
                        poll -> !keys.contains(poll.getKey()) && poll.getValue().isIdle());
        return wanted;
    }

    /** Takes the answer to a query; returned are the ids of the tasks whose mark is to be asked for. */
    synchronized List<String> listed(JsonNode answer, UserTaskQuery query) {
        UserTaskPoll poll = poll(query);
        if (poll == null) {
            return List.of();
        }
        List<ListedTask> page = new ArrayList<>();
        answer.forEach(task -> ListedTask.of(task, query).ifPresent(page::add));
        return poll.listed(page, query, System.nanoTime());
    }

    synchronized void marked(Map<String, Mark> marks, UserTaskQuery query) {
        connection.answered(query.startedNanos());
        UserTaskPoll poll = poll(query);
        if (poll != null) {
            poll.marked(marks);
        }
    }

    synchronized void failed(UserTaskQuery query, EngineFault why) {
        connection.failed(why, query.startedNanos());
        UserTaskPoll poll = poll(query);
        if (poll != null) {
            poll.notAnswered();
        }
    }

    private UserTaskPoll poll(UserTaskQuery query) {
        UserTaskPoll poll = polls.get(query.subscription().key());
        return poll != null && poll.isAnswerTo(query) ? poll : null;
    }

    synchronized List<UserTask> startable() {
        long now = System.nanoTime();
        List<UserTask> startable = new ArrayList<>();
        wanted(now).forEach(poll -> startable.addAll(poll.startable(room.applyAsInt(poll.subscription()), now)));
        return startable;
    }

    /** Changes what is known of a task. */
    synchronized void about(UserTask task, Consumer<UserTaskPoll> change) {
        UserTaskPoll poll = polls.get(task.subscription().key());
        if (poll != null) {
            change.accept(poll);
        }
        notifyAll();
    }

    /** The task was handed out although it has vanished meanwhile, perhaps after its withdrawal. */
    synchronized void withdraw(UserTask task) {
        Key created = task.subscription().key();
        UserTaskPoll poll = polls.get(new Key(created.engine(), created.taskDefinitionKey(), Event.WITHDRAWN));
        if (poll != null) {
            poll.again(task);
        }
        notifyAll();
    }

    /** How many tasks are in work; none when nothing was ever asked for. */
    synchronized int inWork(SubscriptionKey key) {
        return polls.entrySet().stream()
                .filter(poll -> poll.getKey().equals(key))
                .mapToInt(poll -> poll.getValue().inWork())
                .sum();
    }

    synchronized void lookAgain() {
        notifyAll();
    }

    synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    EngineConnection connection() {
        return connection;
    }
}
