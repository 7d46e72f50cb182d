package org.externaltask.dispatcher.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class EngineConnectionTest {

    private static final EngineFault AWAY =
            new EngineFault(EngineAnswer.UNREACHABLE, "connection refused", Duration.ZERO);

    private final EngineConnection connection = new EngineConnection("default", "fetches", "tasks stay in the engine");

    @Test
    void the_pauses_grow_from_half_a_second_to_a_minute() {
        fail(AWAY);
        assertThat(pause()).isBetween(Duration.ofMillis(300), Duration.ofMillis(600));
        for (int i = 0; i < 10; i++) {
            fail(AWAY);
        }
        assertThat(pause()).isBetween(Duration.ofSeconds(40), Duration.ofSeconds(72));
    }

    @Test
    void there_is_one_warning_for_each_reason_and_one_line_when_the_engine_is_back(CapturedOutput log) {
        fail(AWAY);
        fail(AWAY);
        fail(throttled(Duration.ZERO));
        fail(throttled(Duration.ZERO));
        fail(new EngineFault(EngineAnswer.UNAUTHORISED, "answered 403", Duration.ZERO));
        connection.answered(afterThePause());
        connection.answered(afterThePause());

        assertThat(log)
                .containsOnlyOnce("engine default does not answer fetches: connection refused")
                .containsOnlyOnce("engine default asks to be left alone")
                .containsOnlyOnce("engine default refuses fetches: answered 403")
                .containsOnlyOnce("engine default answers again");
    }

    @Test
    void an_engine_that_says_how_long_is_left_alone_for_so_long_but_a_minute_at_most() {
        fail(throttled(Duration.ofSeconds(30)));
        assertThat(pause()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30));

        fail(throttled(Duration.ofHours(3)));
        assertThat(pause()).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
    }

    @Test
    void an_engine_that_does_not_let_us_in_is_asked_once_a_minute_from_the_first_time() {
        fail(new EngineFault(EngineAnswer.UNAUTHORISED, "answered 401", Duration.ZERO));

        assertThat(pause()).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
    }

    @Test
    void an_answer_to_an_older_request_does_not_end_the_pause_that_an_engine_has_asked_for() {
        long longPoll = System.nanoTime();
        fail(throttled(Duration.ofSeconds(30)));

        connection.answered(longPoll);
        assertThat(pause()).isPositive();

        connection.answered(afterThePause());
        assertThat(pause()).isZero();
    }

    private static EngineFault throttled(Duration retryAfter) {
        return new EngineFault(EngineAnswer.THROTTLED, "answered 429", retryAfter);
    }

    private void fail(EngineFault why) {
        connection.failed(why, afterThePause());
    }

    private static long afterThePause() {
        return System.nanoTime() + Duration.ofMinutes(2).toNanos();
    }

    private Duration pause() {
        return Duration.ofNanos(connection.pauseNanos(System.nanoTime()));
    }
}
