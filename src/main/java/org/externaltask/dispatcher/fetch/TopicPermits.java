package org.externaltask.dispatcher.fetch;

import java.time.Duration;

/** Counts how many tasks of a topic may still be taken. Guarded by the lock of its {@link EnginePlan}. */
final class TopicPermits {

    /** How long a topic with few permits free waits for more, so that the engine is not asked for one task at a time. */
    static final long PATIENCE_NANOS = Duration.ofMillis(200).toNanos();

    private int max;
    private int inWork;
    private int kept;
    private long askedNanos = System.nanoTime() - PATIENCE_NANOS;
    private long quietUntilNanos = askedNanos;

    void max(int maxConcurrent) {
        max = maxConcurrent;
    }

    int free() {
        return Math.max(0, max - inWork - kept);
    }

    int inWork() {
        return inWork;
    }

    boolean isAsked() {
        return kept > 0;
    }

    /** Whether about half of the permits are free, so that a fetch is worth its price. */
    boolean isRoomy() {
        return !isAsked() && free() > 0 && free() >= max / 2;
    }

    /** When the topic may be asked for although few permits are free; {@link Long#MAX_VALUE} when none is. */
    long openFromNanos() {
        return isAsked() || free() == 0 ? Long.MAX_VALUE : askedNanos + PATIENCE_NANOS;
    }

    long quietUntilNanos() {
        return quietUntilNanos;
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
        quietUntilNanos = now + PATIENCE_NANOS;
    }

    void release() {
        inWork = Math.max(0, inWork - 1);
    }
}
