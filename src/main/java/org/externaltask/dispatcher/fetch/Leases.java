package org.externaltask.dispatcher.fetch;

import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.fetch.Lease.End;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** Knows every task that this process holds, and whose lock is to be extended next. */
@Component("leases")
public class Leases {

    private final Map<Key, Lease> held = new ConcurrentHashMap<>();
    private final Map<End, AtomicInteger> ended = new EnumMap<>(End.class);
    private final Standby standby = new Standby(held::isEmpty);
    private final LongSupplier clock;

    private record Key(String engine, String taskId) {

        static Key of(LockedTask task) {
            return new Key(task.engine(), task.id());
        }
    }

    @Autowired
    Leases() {
        this(System::nanoTime);
    }

    Leases(LongSupplier clock) {
        this.clock = clock;
        for (End end : End.values()) {
            ended.put(end, new AtomicInteger());
        }
    }

    /** The leases whose heartbeat is due, each of them once; while no task is held, it waits for one. */
    public List<Lease> awaitDue() throws InterruptedException {
        standby.await();
        return due();
    }

    List<Lease> due() {
        long now = clock.getAsLong();
        return held.values().stream().filter(lease -> lease.beat(now)).toList();
    }

    /** Whether a task that has just arrived is in work here already, and its work now goes on with the new lock. */
    boolean renew(LockedTask again) {
        Lease lease = held.get(Key.of(again));
        return lease != null && lease.renew(again, clock.getAsLong());
    }

    /** For how long the task of each topic has been held that was taken first; only topics with work. */
    Map<Subscription.Key, Duration> longestHeld() {
        long now = clock.getAsLong();
        Map<Subscription.Key, Duration> longest = new HashMap<>();
        for (Lease lease : held.values()) {
            if (lease.isStartable()) {
                longest.merge(
                        lease.task().subscription().key(),
                        Duration.ofNanos(lease.heldNanos(now)),
                        (one, other) -> one.compareTo(other) > 0 ? one : other);
            }
        }
        return longest;
    }

    boolean isTooShort(LockedTask task) {
        return Lease.isTooShort(task, clock.getAsLong());
    }

    Lease add(Lease lease) {
        held.put(Key.of(lease.task()), lease);
        standby.wake();
        return lease;
    }

    void remove(Lease lease) {
        held.remove(Key.of(lease.task()), lease);
        ended.get(lease.end()).incrementAndGet();
        if (held.isEmpty()) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /** Waits for none of them any longer, and says how many there are. */
    int abandon() {
        List<Lease> left = List.copyOf(held.values());
        left.forEach(Lease::abandon);
        standby.end();
        return left.size();
    }

    int size() {
        return held.size();
    }

    /** How many tasks have come to this end since the process has started. */
    int ended(End how) {
        return ended.get(how).get();
    }

    /** Waits until no task is held any more, but no longer than {@code patience}. */
    synchronized void awaitNone(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        for (long left = patience.toMillis(); left > 0 && !held.isEmpty(); ) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
    }
}
