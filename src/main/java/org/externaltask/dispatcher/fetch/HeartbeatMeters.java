package org.externaltask.dispatcher.fetch;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.meters.Tagged;
import org.springframework.stereotype.Component;

/** Counts heartbeats by what came of them. */
@Component
public class HeartbeatMeters {

    /** What comes of a heartbeat. */
    public enum Beat {
        /** The lock goes on. */
        EXTENDED,
        /** The engine did not answer, or not well; there is time for another beat. */
        FAILED,
        /** The task is gone, or locked by somebody else. */
        LOST
    }

    private final Tagged<Counter> beats;

    HeartbeatMeters(MeterRegistry registry) {
        beats = Tagged.by(
                tags -> Counter.builder("etd.heartbeats")
                        .description("extensions of locks, by what came of them")
                        .tags(tags)
                        .register(registry),
                "engine",
                "topic",
                "outcome");
    }

    public void count(Subscription topic, Beat beat) {
        of(topic, beat).increment();
    }

    /** At zero, because the first failure of a counter that was not there before is no increase to Prometheus. */
    void show(Subscription topic) {
        for (Beat beat : Beat.values()) {
            of(topic, beat);
        }
    }

    private Counter of(Subscription topic, Beat beat) {
        return beats.of(topic.engine(), topic.topic(), text(beat));
    }

    private static String text(Beat beat) {
        return switch (beat) {
            case EXTENDED -> "extended";
            case FAILED -> "failed";
            case LOST -> "lost";
        };
    }
}
