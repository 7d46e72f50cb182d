package org.externaltask.dispatcher.fetch;

import java.time.Duration;

/** Counts how many tasks of a topic may still be taken. Guarded by the lock of its {@link EnginePlan}. */
final class TopicPermits {

    /** How long a topic with few permits free waits for more, so that the engine is not asked for one task at a time. */
    static final long PATIENCE_NANOS = Duration.ofMillis(200).toNanos();

    /** How long a topic waits that tries out what it calls, and had no task for that. */
    static final long PROBE_PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

    private int max;
    private boolean probing;
    private int inWork;
    private int kept;
    private long askedNanos = System.nanoTime() - PATIENCE_NANOS;
    private long quietUntilNanos = askedNanos;

    /** @param room how much of its own limit the topic may use now */
    void limit(int maxConcurrent, int room) {
        max = Math.min(maxConcurrent, room);
        probing = room == 1;
    }

    int free() {
        return Math.max(0, max - inWork - kept);
    }

    int inWork() {
        return inWork;
    }

    /** Those included that an open request keeps. */
    int notInWork() {
        return Math.max(0, max - inWork);
    }

    boolean isAsked() {
        return kept > 0;
    }

    /** Whether about half of the permits are free, so that a fetch is worth its price. */
    boolean isRoomy() {
        return !isAsked() && free() > 0 && free() >= max / 2;
    }

    /** Whether others should not have to make do with its few permits. */
    boolean isNarrow() {
        return probing || !isRoomy();
    }

    /** How long until the topic may be asked for; {@link Long#MAX_VALUE} when a permit has to become free first. */
    long nanosToNextFetch(FetchLane lane, long now) {
        if (isAsked() || free() == 0) {
            return Long.MAX_VALUE;
        }
        long wait = isRoomy() ? 0 : askedNanos + PATIENCE_NANOS - now;
        return lane == FetchLane.CATCH_UP ? Math.max(wait, quietUntilNanos - now) : wait;
    }

    void keep(int permits, long now) {
        kept = permits;
        askedNanos = now;
    }

    void giveBackKept() {
        kept = 0;
    }

    /** Takes a permit for a task that has arrived; false when there is none. */
    boolean take() {
        if (free() == 0) {
            return false;
        }
        inWork++;
        return true;
    }

    /** A catch-up fetch brought nothing for the topic: do not ask again at once. */
    void nothingThere(long now) {
        quietUntilNanos = now + (probing ? PROBE_PATIENCE_NANOS : PATIENCE_NANOS);
    }

    void release() {
        inWork = Math.max(0, inWork - 1);
    }
}
