package org.externaltask.dispatcher.meters;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The latest events of one topic, for people: who adds one waits for nobody, and what is too old is overwritten. */
public final class Events {

    /** How many are kept. */
    public static final int MOST = 200;

    private final AtomicReferenceArray<Event> ring = new AtomicReferenceArray<>(MOST);
    private final AtomicInteger next = new AtomicInteger();

    /**
     * What became of a task; nothing in it is a variable.
     *
     * @param atMillis when, since the epoch
     * @param outcome as it is counted
     * @param nanos how long the task was held
     * @param message one line for people, as it may stand in the log; null when all went well
     */
    public record Event(
            long atMillis,
            String taskId,
            String processInstanceId,
            String businessKey,
            String outcome,
            long nanos,
            String message) {}

    /** The parameters are those of {@link Event}; it happens now. */
    public void add(
            String taskId, String processInstanceId, String businessKey, String outcome, long nanos, String message) {
        int place = Math.floorMod(next.getAndIncrement(), MOST);
        ring.set(
                place,
                new Event(System.currentTimeMillis(), taskId, processInstanceId, businessKey, outcome, nanos, message));
    }

    /** The newest first. */
    public List<Event> latest() {
        int newest = next.get() - 1;
        List<Event> latest = new ArrayList<>(MOST);
        for (int back = 0; back < MOST; back++) {
            Event event = ring.get(Math.floorMod(newest - back, MOST));
            if (event != null) {
                latest.add(event);
            }
        }
        return latest;
    }
}
