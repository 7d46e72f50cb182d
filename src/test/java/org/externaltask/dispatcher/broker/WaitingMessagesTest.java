package org.externaltask.dispatcher.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WaitingMessagesTest {

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);
    private final WaitingMessages waiting = new WaitingMessages(meters, nanos::get);

    @Test
    void a_message_waits_at_its_own_queue_until_it_is_due() {
        waiting.put("msg_A", Duration.ofSeconds(2));
        pass(Duration.ofMillis(1_900));

        assertThat(waiting.of("msg_A")).isEqualTo(1);
        assertThat(waiting.of("msg_B")).isZero();

        pass(Duration.ofMillis(200));
        assertThat(waiting.of("msg_A")).isZero();
    }

    @Test
    void messages_with_different_delays_leave_one_after_the_other() {
        waiting.put("msg_A", Duration.ofSeconds(30));
        waiting.put("msg_A", Duration.ofSeconds(2));
        waiting.put("msg_A", Duration.ofSeconds(2));
        pass(Duration.ofSeconds(1));
        waiting.put("msg_A", Duration.ofSeconds(10));

        assertThat(waiting.of("msg_A")).isEqualTo(4);
        pass(Duration.ofSeconds(2));
        assertThat(waiting.of("msg_A")).isEqualTo(2);
        pass(Duration.ofSeconds(10));
        assertThat(waiting.of("msg_A")).isEqualTo(1);
        pass(Duration.ofSeconds(20));
        assertThat(waiting.of("msg_A")).isZero();
    }

    @Test
    void a_gauge_of_each_queue_tells_the_same() {
        waiting.put("msg_A", Duration.ofSeconds(2));

        assertThat(meters.get("etd.messages.waiting")
                        .tag("queue", "msg_A")
                        .gauge()
                        .value())
                .isEqualTo(1);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
