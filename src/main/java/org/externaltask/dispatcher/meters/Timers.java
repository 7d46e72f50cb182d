package org.externaltask.dispatcher.meters;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** Makes the timers whose distribution people look at: buckets for Prometheus, which can add replicas up, and percentiles for the page. */
public final class Timers {

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5)
    };

    private Timers() {}

    public static Tagged<Timer> of(MeterRegistry registry, String name, String description, String... keys) {
        return Tagged.by(
                tags -> Timer.builder(name)
                        .description(description)
                        .tags(tags)
                        .serviceLevelObjectives(BUCKETS)
                        .publishPercentiles(0.5, 0.95)
                        .register(registry),
                keys);
    }
}
