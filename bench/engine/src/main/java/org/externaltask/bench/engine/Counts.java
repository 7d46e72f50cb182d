package org.externaltask.bench.engine;

import java.util.concurrent.atomic.LongAdder;

/** How the engine has answered since it was last told to forget. */
final class Counts {

    private final LongAdder fetches = new LongAdder();
    private final LongAdder fetchesRefused = new LongAdder();
    private final LongAdder completed = new LongAdder();
    private final LongAdder correlated = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder optimisticLocks = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** A call that changes something, by the end of its path; the body matters only where the status says that it was refused. */
    void add(String path, int status, String body) {
        if (status >= 400 && path.endsWith("/fetchAndLock")) {
            // A client that stops while it polls; tasks are neither taken nor lost by that.
            fetchesRefused.increment();
        } else if (status >= 400) {
            (body.contains("OptimisticLocking") ? optimisticLocks : refused).increment();
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

    void forget() {
        for (LongAdder count :
                new LongAdder[] {fetches, fetchesRefused, completed, correlated, failed, optimisticLocks, refused}) {
            count.reset();
        }
    }

    String asJson() {
        return "{\"fetches\":%s,\"fetchesRefused\":%s,\"completed\":%s,\"correlated\":%s,\"failed\":%s,\"optimisticLocks\":%s,\"refused\":%s}"
                .formatted(fetches, fetchesRefused, completed, correlated, failed, optimisticLocks, refused);
    }
}
