package org.externaltask.dispatcher.fetch;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether an engine answers, and how long to leave it alone when it does not: 0.5 s doubling to 60 s, with jitter. Says so
 * once when it goes away and once when it is back.
 */
public final class EngineConnection {

    private static final Logger LOG = LoggerFactory.getLogger(EngineConnection.class);
    private static final IntervalFunction PAUSES =
            IntervalFunction.ofExponentialRandomBackoff(Duration.ofMillis(500), 2.0, 0.2, Duration.ofSeconds(60));

    private final String engine;
    private int failures;
    private long failedSinceNanos;
    private long quietUntilNanos;
    private Status status;

    EngineConnection(String engine) {
        this.engine = engine;
        this.status = new Status(false, null, "no answer yet");
    }

    /**
     * What is known about an engine.
     *
     * @param answering whether its last answer was a good one
     * @param lastAnswer when the last good answer came, or null
     * @param reason why it does not answer, or null
     */
    public record Status(boolean answering, Instant lastAnswer, String reason) {}

    public synchronized Status status() {
        return status;
    }

    /** How long the engine is to be left alone from now on; zero or less when it may be asked. */
    synchronized long pauseNanos(long now) {
        return failures == 0 ? 0 : quietUntilNanos - now;
    }

    synchronized void answered() {
        if (failures > 0) {
            LOG.info(
                    "engine {} answers again after {} s",
                    engine,
                    Duration.ofNanos(System.nanoTime() - failedSinceNanos).toSeconds());
        }
        failures = 0;
        status = new Status(true, Instant.now(), null);
    }

    /** @param startedNanos when the failed request began; one that began before the current pause does not lengthen it */
    synchronized void failed(String reason, long startedNanos) {
        long now = System.nanoTime();
        if (failures > 0 && startedNanos - quietUntilNanos < 0) {
            return;
        }
        failures++;
        quietUntilNanos = now + Duration.ofMillis(PAUSES.apply(failures)).toNanos();
        status = new Status(false, status.lastAnswer(), reason);
        if (failures == 1) {
            failedSinceNanos = now;
            LOG.warn(
                    "engine {} does not answer fetches: {}. Trying again with pauses of 0.5 s to 60 s; tasks stay in the engine",
                    engine,
                    reason);
        }
    }
}
