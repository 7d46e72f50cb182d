package org.externaltask.bench.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** How the engine has answered since it was last told to forget. */
final class Counts {

    private final LongAdder fetches = new LongAdder();
    private final LongAdder fetchesRefused = new LongAdder();
    private final LongAdder completed = new LongAdder();
    private final LongAdder correlated = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder optimisticLocks = new LongAdder();
    private final LongAdder locksNotExtended = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final AtomicInteger openPolls = new AtomicInteger();
    private final AtomicReference<String> firstRefusal = new AtomicReference<>("");

    /** A call that changes something, by the end of its path; the body matters only where the status says that it was refused. */
    void add(String path, int status, String body) {
        if (status >= 400 && path.endsWith("/fetchAndLock")) {
            // A client that stops while it polls; tasks are neither taken nor lost by that.
            fetchesRefused.increment();
        } else if (status >= 400 && body.contains("OptimisticLocking")) {
            optimisticLocks.increment();
        } else if (status >= 400 && path.endsWith("/extendLock")) {
            // The task was completed while its lock was to be extended.
            locksNotExtended.increment();
        } else if (status >= 400) {
            refused.increment();
            firstRefusal.compareAndSet("", status + " to " + path + ": " + body);
        } else if (path.endsWith("/complete")) {
            completed.increment();
        } else if (path.endsWith("/fetchAndLock")) {
            fetches.increment();
        } else if (path.endsWith("/message")) {
            correlated.increment();
        } else if (path.endsWith("/failure") || path.endsWith("/bpmnError")) {
            failed.increment();
        }
    }

    /** A request for tasks waits for some to come; also when its client is gone, which the engine does not notice. */
    void pollOpened() {
        openPolls.incrementAndGet();
    }

    void pollAnswered() {
        openPolls.decrementAndGet();
    }

    void forget() {
        asMap().values().forEach(LongAdder::reset);
        firstRefusal.set("");
    }

    /** The counts by their names, and the first call that was refused. */
    String asJson() {
        StringBuilder json = new StringBuilder("{");
        asMap().forEach((name, count) ->
                json.append('"').append(name).append("\":").append(count).append(','));
        String refusal = firstRefusal.get().replaceAll("[\"\\\\\\p{Cntrl}]", " ");
        json.append("\"openPolls\":").append(openPolls).append(',');
        return json.append("\"firstRefusal\":\"").append(refusal).append("\"}").toString();
    }

    private Map<String, LongAdder> asMap() {
        Map<String, LongAdder> counts = new LinkedHashMap<>();
        counts.put("fetches", fetches);
        counts.put("fetchesRefused", fetchesRefused);
        counts.put("completed", completed);
        counts.put("correlated", correlated);
        counts.put("failed", failed);
        counts.put("optimisticLocks", optimisticLocks);
        counts.put("locksNotExtended", locksNotExtended);
        counts.put("refused", refused);
        return counts;
    }
}
