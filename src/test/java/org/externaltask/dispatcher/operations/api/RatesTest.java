package org.externaltask.dispatcher.operations.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RatesTest {

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong now = new AtomicLong(1_000);
    private final Rates rates = new Rates(new Figures(meters), now::get);

    @AfterEach
    void close() {
        rates.close();
    }

    @Test
    void before_any_time_has_passed_there_is_no_rate() {
        count("completed", 5);

        assertThat(rates.perMinute("etd.tasks")).isZero();
    }

    @Test
    void in_the_first_minute_the_rate_is_that_of_the_time_since_the_start() {
        seconds(10);
        count("completed", 5);

        assertThat(rates.perMinute("etd.tasks", "outcome", "completed")).isEqualTo(30);
    }

    @Test
    void what_is_longer_ago_than_a_minute_does_not_count_any_more() {
        count("completed", 1_000);
        for (int look = 0; look < 13; look++) {
            seconds(5);
            rates.look();
        }
        count("completed", 3);
        seconds(5);

        assertThat(rates.perMinute("etd.tasks", "outcome", "completed")).isEqualTo(3);
    }

    @Test
    void only_meters_with_the_tags_count_and_those_are_added_up() {
        seconds(60);
        count("completed", 4);
        count("failure", 2);

        assertThat(rates.perMinute("etd.tasks", "outcome", "failure")).isEqualTo(2);
        assertThat(rates.perMinute("etd.tasks", "topic", "svc_A")).isEqualTo(6);
        assertThat(rates.perMinute("etd.tasks", "topic", "svc_B")).isZero();
    }

    @Test
    void each_call_that_a_timer_has_timed_counts() {
        seconds(30);
        meters.timer("etd.gateway", "gateway", "default").record(3, TimeUnit.HOURS);

        assertThat(rates.perMinute("etd.gateway", "gateway", "default")).isEqualTo(2);
    }

    private void count(String outcome, int howOften) {
        meters.counter("etd.tasks", "topic", "svc_A", "outcome", outcome).increment(howOften);
    }

    private void seconds(int seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }
}
