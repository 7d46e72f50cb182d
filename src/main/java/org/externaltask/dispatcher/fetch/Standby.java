package org.externaltask.dispatcher.fetch;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Lets a loop that looks for something to do, over and over, sleep while there is nothing it could find. Each look of an idle process
 * costs some milliseconds of CPU, so a few looks a second are a percent of a core.
 */
public final class Standby {

    /** How long a loop sleeps at most, so that it comes by even if nobody wakes it. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final BooleanSupplier nothing;
    private final Duration patience;
    private volatile boolean asleep;
    private volatile boolean over;

    /** @param nothing whether there is nothing that a look could find, now or later */
    public Standby(BooleanSupplier nothing) {
        this(nothing, PATIENCE);
    }

    Standby(BooleanSupplier nothing, Duration patience) {
        this.nothing = nothing;
        this.patience = patience;
    }

    /** Sleeps while there is nothing, until there is something or the patience ends. */
    public synchronized void await() throws InterruptedException {
        asleep = true; // before the question, so that nothing can come unseen between the answer and the sleep
        try {
            if (!over && nothing.getAsBoolean()) {
                wait(patience.toMillis());
            }
        } finally {
            asleep = false;
        }
    }

    /** There is something now. It costs next to nothing while nobody sleeps. */
    public void wake() {
        if (asleep) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /** The process stops: nobody sleeps any more, because Camel waits for each loop until it comes by. */
    public void end() {
        over = true;
        wake();
    }
}
