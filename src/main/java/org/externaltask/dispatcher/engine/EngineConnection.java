package org.externaltask.dispatcher.engine;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.externaltask.dispatcher.meters.LastSeen;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether an engine answers, and how long to leave it alone when it does not: 0.5 s doubling to 60 s, with jitter, or for as
 * long as it asks; 60 s when it does not let us in, because only a person can change that. Says so once when it goes away, once
 * when the reason becomes another one, and once when it is back.
 */
public final class EngineConnection {

    private static final Logger LOG = LoggerFactory.getLogger(EngineConnection.class);
    private static final IntervalFunction PAUSES =
            IntervalFunction.ofExponentialRandomBackoff(Duration.ofMillis(500), 2.0, 0.2, EngineFault.LONGEST_PAUSE);

    private final String engine;
    private final String asked;
    private final String meanwhile;
    private int failures;
    private EngineAnswer fault;
    private long failedSinceNanos;
    private long pausedSinceNanos;
    private long quietUntilNanos;
    private Status status;
    private Long answeredNanos;
    private final LastSeen seen = new LastSeen();

    /**
     * @param asked what the engine is asked for, in the plural
     * @param meanwhile what becomes of it while the engine does not answer
     */
    public EngineConnection(String engine, String asked, String meanwhile) {
        this.engine = engine;
        this.asked = asked;
        this.meanwhile = meanwhile;
        this.status = new Status(false, "no answer yet");
    }

    /**
     * What is known about an engine.
     *
     * @param answering whether its last answer was a good one
     * @param reason why it does not answer, or null
     */
    public record Status(boolean answering, String reason) {}

    public synchronized Status status() {
        return status;
    }

    /** When the engine last answered as it should, and how it last did not. */
    public LastSeen lastSeen() {
        return seen;
    }

    /** How long it is since the engine last answered as it should; empty when it never has. */
    public synchronized Optional<Duration> answeredAgo(long now) {
        return Optional.ofNullable(answeredNanos).map(nanos -> Duration.ofNanos(now - nanos));
    }

    /** How long the engine is to be left alone from now on; zero or less when it may be asked. */
    public synchronized long pauseNanos(long now) {
        return failures == 0 ? 0 : quietUntilNanos - now;
    }

    /** @param startedNanos when the request began; a pause that the engine asked for since then does not end with its answer */
    public synchronized void answered(long startedNanos) {
        if (failures > 0) {
            if (fault == EngineAnswer.THROTTLED && startedNanos - pausedSinceNanos < 0) {
                return;
            }
            LOG.info(
                    "engine {} answers again after {} s ({})",
                    engine,
                    Duration.ofNanos(System.nanoTime() - failedSinceNanos).toSeconds(),
                    asked);
        }
        failures = 0;
        answeredNanos = System.nanoTime();
        seen.succeeded();
        status = new Status(true, null);
    }

    /** @param startedNanos when the failed request began; one that began before the current pause does not lengthen it */
    public synchronized void failed(EngineFault why, long startedNanos) {
        long now = System.nanoTime();
        seen.failed(why.answer().name().toLowerCase(Locale.ROOT), why.reason(), null);
        if (failures > 0 && startedNanos - quietUntilNanos < 0) {
            return;
        }
        if (failures == 0) {
            failedSinceNanos = now;
        }
        boolean news = failures == 0 || fault != why.answer();
        failures++;
        fault = why.answer();
        pausedSinceNanos = now;
        quietUntilNanos = now + pause(why).toNanos();
        status = new Status(false, why.reason());
        if (!news) {
            return;
        }
        switch (fault) {
            case UNAUTHORISED ->
                LOG.error("engine {} refuses {}: {}. Trying again every minute", engine, asked, why.reason());
            case THROTTLED ->
                LOG.warn(
                        "engine {} asks to be left alone: {}. Pausing for as long as it says, 60 s at most; {}",
                        engine,
                        why.reason(),
                        meanwhile);
            default ->
                LOG.warn(
                        "engine {} does not answer {}: {}. Trying again with pauses of 0.5 s to 60 s; {}",
                        engine,
                        asked,
                        why.reason(),
                        meanwhile);
        }
    }

    private Duration pause(EngineFault why) {
        if (why.answer() == EngineAnswer.UNAUTHORISED) {
            return EngineFault.LONGEST_PAUSE;
        }
        Duration pause = Duration.ofMillis(PAUSES.apply(failures));
        return why.retryAfter().compareTo(pause) > 0 ? why.retryAfter() : pause;
    }
}
