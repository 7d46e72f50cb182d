package org.externaltask.dispatcher.fetch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.engine.EngineConnection;
import org.externaltask.dispatcher.engine.EngineFault;
import org.externaltask.dispatcher.externaltask.Subscription;

/**
 * Decides what to ask one engine for. It asks only for topics with room, and never for more than the smallest room among them, so
 * whatever comes back can start at once. A topic that gets room while a long poll is open without it is asked for in the
 * {@link FetchLane#CATCH_UP} lane, so no topic waits for another one's poll.
 */
final class EnginePlan {

    /** A long poll that leaves a topic out comes back soon, so that the topic can join the next one. */
    private static final Duration SHORT_POLL = Duration.ofSeconds(2);

    /** Camel, which stops the loops one after the other, waits for each until it comes by. */
    private static final Duration WHILE_STOPPED = Duration.ofMillis(500);

    /** How long fewer tasks are asked for after an answer that was too large. */
    private static final Duration MORE_TASKS_AFTER = Duration.ofMinutes(1);

    private final String engine;
    private final EtdProperties.Engine settings;
    private final String workerId;
    private final Supplier<List<Subscription>> subscriptions;
    private final EngineConnection connection;
    private final Leases leases;
    private final Duration longestHold;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final EnginePermits permits;
    private int mostTasks = Integer.MAX_VALUE;
    private long mostTasksSinceNanos;
    private boolean longPollOpen;
    private long nextLongPollNanos = System.nanoTime();
    private int openRequests;
    private volatile boolean stopped;
    private volatile long lookedNanos = System.nanoTime();
    private final Map<String, Long> polledNanos = new ConcurrentHashMap<>();

    /**
     * @param circuits how many tasks of a topic may be in work as far as what it calls goes
     * @param longestHold how long the engine may hold a request open at most, whatever the settings say
     */
    EnginePlan(
            String engine,
            EtdProperties.Engine settings,
            String workerId,
            Supplier<List<Subscription>> subscriptions,
            EngineConnection connection,
            Leases leases,
            ToIntFunction<Subscription> circuits,
            Duration longestHold) {
        this.engine = engine;
        this.settings = settings;
        this.workerId = workerId;
        this.subscriptions = subscriptions;
        this.connection = connection;
        this.leases = leases;
        this.permits = new EnginePermits(circuits);
        this.longestHold = longestHold;
    }

    /** Waits until there is something to ask for, but no longer than {@code patience}; null when there is nothing, and at a stop. */
    FetchRequest next(FetchLane lane, Duration patience) throws InterruptedException {
        if (lane == FetchLane.LONG_POLL) {
            lookedNanos = System.nanoTime();
        }
        lock.lock();
        try {
            boolean stoppedBefore = stopped;
            Duration longest = stoppedBefore ? shorter(patience, WHILE_STOPPED) : patience;
            long deadline = System.nanoTime() + longest.toNanos();
            while (true) {
                long now = System.nanoTime();
                long wait = stopped ? Long.MAX_VALUE : pause(lane, now);
                if (wait <= 0) {
                    List<Subscription> topics = topicsOf(lane);
                    List<Subscription> asked = permits.askable(lane, topics, now);
                    if (!asked.isEmpty()) {
                        return open(lane, asked, asked.size() == topics.size(), now);
                    }
                    wait = permits.nanosToNextFetch(lane, topics, now);
                }
                if (deadline - now <= 0 || stopped != stoppedBefore) {
                    return null;
                }
                changed.await(Math.min(wait, deadline - now), TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes permits for the tasks that a request brought; those that cannot be started come back as such. */
    List<Lease> arrived(FetchRequest request, List<LockedTask> tasks) {
        connection.answered(request.startedNanos());
        lock.lock();
        try {
            close(request);
            long answered = System.nanoTime();
            request.topics().keySet().forEach(topic -> polledNanos.replace(topic, answered));
            Set<String> brought = new HashSet<>();
            List<Lease> result = new ArrayList<>(tasks.size());
            for (LockedTask task : tasks) {
                if (task.isAskedFor()) {
                    brought.add(task.topicName());
                }
                if (!task.isAskedFor() || !leases.renew(task)) {
                    result.add(leases.add(lease(task)));
                }
            }
            if (request.lane() == FetchLane.LONG_POLL && result.stream().noneMatch(Lease::isStartable)) {
                nextLongPollNanos = request.startedNanos() + TopicPermits.PATIENCE_NANOS;
            }
            if (request.lane() == FetchLane.CATCH_UP) {
                Set<String> missing = new HashSet<>(request.topics().keySet());
                missing.removeAll(brought);
                permits.nothingThere(missing, System.nanoTime());
            }
            return result;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The answer was too large to be read to its end. The next requests ask for no more than would have been read; the limit doubles
     * every minute.
     *
     * @param begun the tasks in its beginning, the last one perhaps without variables
     * @return them, to be given back; only a task that is too large by itself is worked on, and fails
     */
    List<Lease> tooLarge(FetchRequest request, List<LockedTask> begun) {
        connection.answered(request.startedNanos());
        lock.lock();
        try {
            close(request);
            mostTasks = Math.max(1, begun.size() - 1);
            mostTasksSinceNanos = System.nanoTime();
            boolean alone = begun.size() == 1 && begun.get(0).variables() == null;
            return begun.stream()
                    .map(task -> leases.add(alone ? lease(task) : Lease.notStarted(task, "unlocked")))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    void failed(FetchRequest request, EngineFault why) {
        connection.failed(why, request.startedNanos());
        lock.lock();
        try {
            close(request);
        } finally {
            lock.unlock();
        }
    }

    /** How long ago an answer came in which a topic was asked for, or since when it has a route. */
    Duration polledAgo(String topic, long now) {
        return Duration.ofNanos(now - polledNanos.getOrDefault(topic, now));
    }

    /** Whether a topic that has room, of an engine that answers, is not asked for as it should be. */
    boolean isOverdue(String topic, long now) {
        return connection.status().answering()
                && !stopped
                && free(topic) > 0
                && polledAgo(topic, now).compareTo(tooLong()) > 0;
    }

    /** Whether the loop that asks has not come back for the next request, so that it must be stuck in one. */
    boolean isStuck(long now) {
        return !stopped && now - lookedNanos > tooLong().toNanos();
    }

    /** Three times what one fetch may take. */
    private Duration tooLong() {
        return settings.asyncResponseTimeout().plus(settings.responseTimeout()).multipliedBy(3);
    }

    /** A topic may be asked for from now on. */
    void expect(String topic) {
        polledNanos.put(topic, System.nanoTime());
    }

    /** A topic may not be asked for any more; when it comes back, it begins anew. */
    void forget(String topic) {
        polledNanos.remove(topic);
    }

    /** How many tasks of a topic are in work. */
    int inWork(String topic) {
        lock.lock();
        try {
            return permits.inWork(topic);
        } finally {
            lock.unlock();
        }
    }

    /** How many more of its tasks could start now; none of a topic without a route. */
    int free(String topic) {
        boolean hasRoute =
                subscriptions.get().stream().anyMatch(known -> known.topic().equals(topic));
        lock.lock();
        try {
            return hasRoute ? permits.free(topic) : 0;
        } finally {
            lock.unlock();
        }
    }

    void release(String topic) {
        lock.lock();
        try {
            if (permits.release(topic)) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Topics have come or gone, or what they call has. */
    void lookAgain() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on there is nothing to ask for, and what open requests bring is given back. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void start() {
        lock.lock();
        try {
            stopped = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the engine has answered all requests, but no longer than {@code patience}. */
    void awaitAnswers(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            for (long left = patience.toNanos(); left > 0 && openRequests > 0; ) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** An engine that holds no poll open, or brings nothing that can be done, must not be asked without end. */
    private long pause(FetchLane lane, long now) {
        long pause = connection.pauseNanos(now);
        return lane == FetchLane.LONG_POLL ? Math.max(pause, nextLongPollNanos - now) : pause;
    }

    private Lease lease(LockedTask task) {
        if (!task.isAskedFor() || stopped) {
            return Lease.notStarted(task, "unlocked");
        }
        if (leases.isTooShort(task)) {
            return Lease.notStarted(task, "leaseTooShort");
        }
        if (permits.isCutOff(task.subscription())) {
            return Lease.notStarted(task, "circuitOpen");
        }
        return permits.take(task.topicName()) ? Lease.of(task) : Lease.notStarted(task, "unlocked");
    }

    private List<Subscription> topicsOf(FetchLane lane) {
        return lane == FetchLane.CATCH_UP && !longPollOpen
                ? List.of() // the long poll comes first, and takes all that have room
                : permits.fetchable(subscriptions.get());
    }

    private FetchRequest open(FetchLane lane, List<Subscription> asked, boolean all, long now) {
        if (mostTasks < settings.maxTasks() && now - mostTasksSinceNanos > MORE_TASKS_AFTER.toNanos()) {
            mostTasks = 2 * mostTasks;
            mostTasksSinceNanos = now;
        }
        int maxTasks = permits.keep(asked, Math.min(settings.maxTasks(), mostTasks), now);
        Duration hold = Duration.ZERO;
        if (lane == FetchLane.LONG_POLL) {
            longPollOpen = true;
            changed.signalAll();
            hold = shorter(settings.asyncResponseTimeout(), longestHold);
            hold = all ? hold : shorter(hold, SHORT_POLL);
            for (Subscription subscription : asked) {
                // Nobody can tell when, within a poll, a task was locked: a long poll would use up a short lock.
                hold = shorter(hold, subscription.lockDuration().dividedBy(3));
            }
        }
        openRequests++;
        return new FetchRequest(
                engine,
                lane,
                workerId,
                FetchRequest.byName(asked),
                maxTasks,
                hold,
                settings.usePriority(),
                settings.orderByCreateTime(),
                System.nanoTime());
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void close(FetchRequest request) {
        openRequests--;
        permits.giveBackKept(request.topics().keySet());
        if (request.lane() == FetchLane.LONG_POLL) {
            longPollOpen = false;
        }
        changed.signalAll();
    }
}
