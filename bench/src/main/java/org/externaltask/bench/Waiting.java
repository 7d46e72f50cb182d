package org.externaltask.bench;

import java.util.List;

/** Waits for what a run counts up to. */
final class Waiting {

    private static final long PATIENCE = 900_000_000_000L;
    private static final int PAUSE = 25;

    /** What is counted. */
    interface Count {
        int now() throws Exception;
    }

    private Waiting() {}

    /** @return what was counted when it was enough */
    static int until(int wanted, Count count, List<Child> children) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        int now = count.now();
        while (now < wanted) {
            children.forEach(Child::mustLive);
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited for " + wanted + " in vain: " + now);
            }
            Thread.sleep(PAUSE);
            now = count.now();
        }
        return now;
    }
}
