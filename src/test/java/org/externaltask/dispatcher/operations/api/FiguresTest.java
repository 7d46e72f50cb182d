package org.externaltask.dispatcher.operations.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import org.externaltask.dispatcher.meters.Tagged;
import org.externaltask.dispatcher.meters.Timers;
import org.junit.jupiter.api.Test;

class FiguresTest {

    private final MeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Figures figures = new Figures(meters);
    private final Tagged<Timer> timers = Timers.of(meters, "etd.gateway", "calls", "gateway", "topic");

    @Test
    void half_of_the_calls_are_faster_than_the_median_and_one_in_twenty_slower_than_the_p95() {
        for (int i = 1; i <= 100; i++) {
            timers.of("default", "svc_A").record(Duration.ofMillis(i * 10));
        }

        assertThat(figures.millis(0.5, "etd.gateway", "topic", "svc_A")).isCloseTo(500, within(35.0));
        assertThat(figures.millis(0.95, "etd.gateway", "topic", "svc_A")).isCloseTo(950, within(65.0));
    }

    @Test
    void of_several_timers_the_slowest_counts() {
        timers.of("default", "svc_A").record(Duration.ofMillis(10));
        timers.of("default", "svc_B").record(Duration.ofMillis(200));

        assertThat(figures.millis(0.5, "etd.gateway", "gateway", "default")).isCloseTo(200, within(15.0));
    }

    @Test
    void what_was_never_timed_has_no_percentile() {
        timers.of("default", "svc_A");

        assertThat(figures.millis(0.5, "etd.gateway", "topic", "svc_A")).isNull();
        assertThat(figures.millis(0.5, "etd.gateway", "topic", "svc_None")).isNull();
    }

    @Test
    void counts_are_by_the_values_of_one_tag_without_those_that_are_zero() {
        meters.counter("etd.tasks", "topic", "svc_A", "outcome", "completed").increment(3);
        meters.counter("etd.tasks", "topic", "svc_A", "outcome", "failure").increment(0);
        meters.counter("etd.tasks", "topic", "svc_B", "outcome", "completed").increment(5);

        assertThat(figures.counts("etd.tasks", "outcome", "topic", "svc_A")).isEqualTo(Map.of("completed", 3L));
    }
}
