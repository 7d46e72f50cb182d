package org.externaltask.dispatcher.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.externaltask.dispatcher.failure.CircuitOpen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Four calls make a window, half of which must fail; then 300 ms, 600 ms, 1.2 s without calls, and two calls to try again. */
@ExtendWith(OutputCaptureExtension.class)
class CircuitsTest {

    private static final int ANY = Integer.MAX_VALUE;
    private static final Exception DOWN = new IllegalStateException("POST /work on gateway default answered 503");

    private final AtomicInteger changes = new AtomicInteger();
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final CircuitUser caller = new Topic("svc_Caller");
    private final CircuitUser other = new Topic("svc_Other");
    private final Circuits circuits = circuits();
    private final Circuit gateway = circuits.gateways().get("default");

    /** A class, because users are told apart by identity. */
    private static final class Topic implements CircuitUser {

        private final String topic;

        private Topic(String topic) {
            this.topic = topic;
        }

        @Override
        public String topic() {
            return topic;
        }
    }

    @Test
    void some_failures_among_successes_open_nothing() {
        for (int i = 0; i < 20; i++) {
            call(caller, i % 4 != 0);
        }

        assertThat(gateway.status().closed()).isTrue();
        assertThat(circuits.room(caller)).isEqualTo(ANY);
    }

    @Test
    void when_half_of_the_calls_fail_the_topics_that_called_have_no_room_and_others_have(CapturedOutput log) {
        call(caller, false);
        call(caller, false);
        call(caller, true);
        call(caller, true);

        assertThat(gateway.status().state()).isEqualTo("open");
        assertThat(gateway.status().lastError()).isEqualTo(DOWN.getMessage());
        assertThat(gateway.status().since()).isBeforeOrEqualTo(Instant.now());
        assertThat(circuits.room(caller)).isZero();
        assertThat(circuits.room(other)).isEqualTo(ANY);
        assertThat(changes).hasValue(1);
        assertThat(log)
                .containsOnlyOnce(
                        "gateway default keeps failing: POST /work on gateway default answered 503. No tasks are"
                                + " fetched for the topics that need it (svc_Caller) until it answers again");
    }

    @Test
    void a_topic_that_is_refused_has_no_room_from_then_on() {
        open();

        assertThatThrownBy(() -> gateway.permission(exchange(other)))
                .isInstanceOf(CircuitOpen.class)
                .hasMessage(
                        "gateway default is not called for now, because it keeps failing (" + DOWN.getMessage() + ")");

        assertThat(circuits.room(other)).isZero();
    }

    @Test
    void a_call_without_a_topic_is_refused_and_nobody_leaves_the_fetch_for_it() {
        open();

        assertThatThrownBy(() -> gateway.permission(new DefaultExchange(camel))).isInstanceOf(CircuitOpen.class);

        assertThat(circuits.room(other)).isEqualTo(ANY);
    }

    @Test
    void after_a_pause_each_topic_has_room_for_one_task_and_all_of_it_when_that_went_well(CapturedOutput log) {
        open();
        awaitState("half open");

        assertThat(circuits.room(caller)).isEqualTo(1);
        assertThat(circuits.room(other)).isEqualTo(ANY);
        call(caller, true);
        assertThat(circuits.room(caller)).isEqualTo(1);
        call(caller, true);

        assertThat(gateway.status().closed()).isTrue();
        assertThat(circuits.room(caller)).isEqualTo(ANY);
        assertThat(log).containsOnlyOnce("gateway default answers again after 0 s; tasks are fetched as before");
    }

    @Test
    void a_call_that_finds_out_whether_the_gateway_is_back_is_told_from_any_other() {
        Exchange before = exchange(caller);
        gateway.permission(before).failed(DOWN);
        open();
        awaitState("half open");
        Exchange probe = exchange(caller);
        gateway.permission(probe).failed(DOWN);

        assertThat(Circuit.wasProbe(before)).isFalse();
        assertThat(Circuit.wasProbe(probe)).isTrue();
    }

    @Test
    void each_time_that_it_is_not_back_the_pause_is_longer_and_nothing_more_is_logged(CapturedOutput log) {
        open();
        awaitState("half open");
        call(caller, false);
        call(caller, false);
        Instant second = gateway.status().since();
        awaitState("half open");
        Duration secondPause = Duration.between(second, gateway.status().since());
        call(caller, false);
        call(caller, false);
        Instant third = gateway.status().since();
        awaitState("half open");

        assertThat(secondPause).isGreaterThanOrEqualTo(Duration.ofMillis(550));
        assertThat(Duration.between(third, gateway.status().since()))
                .isGreaterThanOrEqualTo(Duration.ofMillis(1100)); // 1.2 s, less what two clocks differ
        assertThat(log).containsOnlyOnce("gateway default keeps failing");
    }

    @Test
    void a_topic_that_is_refused_while_others_try_stays_away_until_they_know_more() {
        open();
        awaitState("half open");
        Circuit.Permission one = gateway.permission(exchange(caller));
        Circuit.Permission two = gateway.permission(exchange(caller));
        assertThatThrownBy(() -> gateway.permission(exchange(other))).isInstanceOf(CircuitOpen.class);
        assertThat(circuits.room(other)).isZero();

        one.succeeded();
        assertThat(circuits.room(other)).isZero();
        two.succeeded();
        assertThat(circuits.room(other)).isEqualTo(ANY);
    }

    @Test
    void a_topic_that_is_refused_for_a_call_that_was_then_not_made_may_try_in_its_place() {
        open();
        awaitState("half open");
        Circuit.Permission one = gateway.permission(exchange(caller));
        Circuit.Permission two = gateway.permission(exchange(caller));
        assertThatThrownBy(() -> gateway.permission(exchange(other))).isInstanceOf(CircuitOpen.class);
        int before = changes.get();

        one.close();
        two.close();

        assertThat(circuits.room(other)).isEqualTo(1);
        assertThat(changes.get()).isGreaterThan(before);
        call(other, true);
        call(other, true);
        assertThat(gateway.status().closed()).isTrue();
    }

    @Test
    void a_call_from_before_the_circuit_opened_says_nothing_about_whether_the_gateway_is_back() {
        Circuit.Permission slow = gateway.permission(exchange(caller));
        Circuit.Permission slower = gateway.permission(exchange(caller));
        open();
        awaitState("half open");

        slow.failed(DOWN);
        slower.succeeded();

        assertThat(gateway.status().state()).isEqualTo("half open");
        call(caller, true);
        call(caller, true);
        assertThat(gateway.status().closed()).isTrue();
    }

    @Test
    void an_edited_topic_is_a_new_one_that_has_room_until_it_calls() {
        open();

        assertThat(circuits.room(new Topic(caller.topic()))).isEqualTo(ANY);
    }

    @Test
    void who_blocks_itself_is_not_called_until_it_says_so(CapturedOutput log) {
        circuits.broker().permission(exchange(caller)).succeeded();

        circuits.broker().block("the broker has blocked publishing (low on memory)");
        circuits.broker().block("the broker has blocked publishing (low on disk)");

        assertThat(circuits.broker().status().state()).isEqualTo("blocked");
        assertThat(circuits.broker().status().lastError()).contains("low on memory");
        assertThat(circuits.room(caller)).isZero();
        assertThatThrownBy(() -> circuits.broker().permission(exchange(caller)))
                .hasMessage("broker is not called for now, because the broker has blocked publishing (low on memory)");
        assertThat(log).containsOnlyOnce("broker takes nothing: the broker has blocked publishing (low on memory)");

        circuits.broker().unblock(true);
        assertThat(circuits.broker().status().closed()).isTrue();
        assertThat(circuits.room(caller)).isEqualTo(ANY);
    }

    @Test
    void when_nobody_can_say_whether_the_block_is_over_some_calls_find_out() {
        circuits.broker().permission(exchange(caller)).succeeded();
        circuits.broker().block("low on memory");

        circuits.broker().unblock(false);

        assertThat(circuits.broker().status().state()).isEqualTo("half open");
        assertThat(circuits.room(caller)).isEqualTo(1);
    }

    @Test
    void a_circuit_that_is_switched_off_never_opens() {
        Circuits off = TestCircuits.with(Map.of("enabled", "false"));
        Circuit never = off.gateways().get("default");

        for (int i = 0; i < 10; i++) {
            never.permission(exchange(caller)).failed(DOWN);
        }
        never.block("for whatever reason");

        assertThat(never.status().closed()).isTrue();
        assertThat(off.room(caller)).isEqualTo(ANY);
        never.permission(exchange(caller)).succeeded();
    }

    private Circuits circuits() {
        Circuits made = TestCircuits.with(Map.of(
                "sliding-window-size", "4",
                "minimum-number-of-calls", "4",
                "wait-duration-in-open-state", "300ms",
                "permitted-number-of-calls-in-half-open-state", "2"));
        made.onChange(changes::incrementAndGet);
        return made;
    }

    private Exchange exchange(CircuitUser user) {
        Exchange exchange = new DefaultExchange(camel);
        CircuitUser.attach(user, exchange);
        return exchange;
    }

    private void open() {
        while (gateway.status().closed()) {
            call(caller, false);
        }
    }

    private void call(CircuitUser user, boolean well) {
        Circuit.Permission permission = gateway.permission(exchange(user));
        if (well) {
            permission.succeeded();
        } else {
            permission.failed(DOWN);
        }
    }

    private void awaitState(String state) {
        await().pollInterval(Duration.ofMillis(20))
                .until(() -> gateway.status().state().equals(state));
    }
}
