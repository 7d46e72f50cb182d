package org.externaltask.dispatcher.fetch;

import org.externaltask.dispatcher.externaltask.Subscription;

/**
 * How long a task that the engine has locked for this process may be worked on. It ends on the monotonic clock, counted from before
 * the request that locked the task, so it never outlives the engine's lock; each heartbeat moves its end on.
 */
public final class Lease {

    private static final int BEATS = 3;

    /** What became of a task, for the count of what a stop has left. */
    public enum End {
        /** The engine knows what came of it, or it waits for a reply. */
        FINISHED,
        /** Given back without having been started. */
        UNLOCKED,
        /** The engine does not want to hear of it any more. */
        DROPPED,
        /** Nobody could be told; the engine offers it again when its lock is over. */
        UNREPORTED
    }

    private enum State {
        IN_WORK,
        REPORTING,
        LOST,
        DROPPED
    }

    private final LockedTask task;
    private final String notStarted;
    private final long durationNanos;
    private final long takenNanos = System.nanoTime();

    private State state = State.IN_WORK;
    private long endNanos;
    private long nextBeatNanos;
    private boolean beating;
    private volatile boolean abandoned;
    private volatile End end = End.FINISHED;

    private Lease(LockedTask task, String notStarted) {
        Subscription subscription = task.subscription();
        this.task = task;
        this.notStarted = notStarted;
        this.durationNanos =
                subscription == null ? 0 : subscription.lockDuration().toNanos();
        endsAt(task.leaseEndNanos());
    }

    static Lease of(LockedTask task) {
        return new Lease(task, null);
    }

    /** @param outcome as what the task is counted that is not started */
    static Lease notStarted(LockedTask task, String outcome) {
        return new Lease(task, outcome);
    }

    public LockedTask task() {
        return task;
    }

    /** Whether its task can be worked on; the others are given back. */
    public boolean isStartable() {
        return notStarted == null;
    }

    String notStarted() {
        return notStarted;
    }

    /** Too short to begin with: a slow engine has used up most of it, and the first heartbeat might come too late. */
    static boolean isTooShort(LockedTask task, long now) {
        return task.leaseEndNanos() - now
                < task.subscription().lockDuration().dividedBy(BEATS).toNanos();
    }

    /** Whether the engine's lock is certainly still ours, as far as time goes. */
    public synchronized boolean isAlive(long now) {
        return endNanos - now > 0;
    }

    /** For how long this process has the task, counted from when a fetch brought it. */
    public long heldNanos(long now) {
        return now - takenNanos;
    }

    /** The share of the lock that is left, from 0 to 1. */
    public synchronized double left(long now) {
        return durationNanos == 0 ? 0 : Math.max(0, Math.min(1, (double) (endNanos - now) / durationNanos));
    }

    /** Claims the next heartbeat; false when it is not due, or comes too late. */
    synchronized boolean beat(long now) {
        boolean due = !beating && isStartable() && isHeld() && nextBeatNanos - now <= 0 && endNanos - now > 0;
        beating |= due;
        return due;
    }

    /** The engine has extended the lock. */
    synchronized void extended(long requestedNanos) {
        beating = false;
        endsAt(requestedNanos + durationNanos);
    }

    /** The engine could not be reached: there is time for another beat or two. */
    public synchronized void notExtended(long now) {
        beating = false;
        nextBeatNanos = now + durationNanos / (2 * BEATS);
    }

    /**
     * A heartbeat was told that the lock is lost.
     *
     * @return false when that is no news, or comes from the very report that is under way
     */
    public synchronized boolean lost(long now) {
        notExtended(now);
        if (state != State.IN_WORK) {
            return false;
        }
        state = State.LOST;
        return true;
    }

    /** The result is about to be reported; false when the lock was lost and the result is to be dropped. */
    public synchronized boolean report(long now) {
        state = isHeld() ? State.REPORTING : State.DROPPED;
        long later = now + durationNanos / (2 * BEATS);
        if (nextBeatNanos - later < 0) {
            nextBeatNanos = later; // a heartbeat at the same time would collide with the report in the engine
        }
        return state == State.REPORTING;
    }

    /**
     * A fetch brought the task of this lease once more: its lock had run out while the engine could not be reached, and is ours again.
     *
     * @return false when the work on this lease is over, so that the task has to be started anew
     */
    synchronized boolean renew(LockedTask again, long now) {
        boolean over = state == State.DROPPED || (state == State.REPORTING && endNanos - now > 0);
        if (over || !isStartable()) {
            return false;
        }
        if (state == State.LOST) {
            state = State.IN_WORK;
        }
        endsAt(again.leaseEndNanos());
        return true;
    }

    /** The dispatcher stops and waits no longer. */
    void abandon() {
        abandoned = true;
    }

    /** Whether its work is being broken off: a failure is then not the task's, while a result is still welcome. */
    public boolean isAbandoned() {
        return abandoned;
    }

    public void end(End how) {
        end = how;
    }

    End end() {
        return end;
    }

    private boolean isHeld() {
        return state == State.IN_WORK || state == State.REPORTING;
    }

    private void endsAt(long nanos) {
        endNanos = nanos;
        nextBeatNanos = nanos - (BEATS - 1) * durationNanos / BEATS;
    }
}
