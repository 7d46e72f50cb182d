package org.externaltask.dispatcher.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.externaltask.dispatcher.fetch.LockedTask;
import org.externaltask.dispatcher.fetch.TestSubscriptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryPolicyTest {

    private static final RetryPolicy TOPIC =
            new RetryPolicy(3, List.of(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(5)));

    @ParameterizedTest
    @CsvSource({", 2", "3, 2", "2, 1", "1, 0", "0, 0", "-1, 0"})
    void a_failure_costs_one_try_and_a_task_that_never_failed_begins_with_those_of_its_topic(
            Integer retries, int left) {
        assertThat(TOPIC.retriesLeft(retries)).isEqualTo(left);
    }

    @ParameterizedTest
    @CsvSource({"2, 10", "1, 60", "0, 300", "7, 10"})
    void the_wait_is_that_of_the_backoff_list_give_or_take_a_fifth(int retriesLeft, long seconds) {
        Duration wait = TOPIC.retryTimeout(retriesLeft, Optional.empty());

        assertThat(wait).isBetween(Duration.ofMillis(seconds * 800), Duration.ofMillis(seconds * 1200));
    }

    @Test
    void the_last_wait_repeats_when_the_list_is_shorter_than_the_tries() {
        RetryPolicy policy = new RetryPolicy(5, List.of(Duration.ofSeconds(1), Duration.ofSeconds(100)));

        assertThat(policy.retryTimeout(1, Optional.empty())).isGreaterThan(Duration.ofSeconds(79));
    }

    @Test
    void a_gateway_that_asks_for_more_time_gets_it_up_to_a_cap() {
        assertThat(TOPIC.retryTimeout(2, Optional.of(Duration.ofSeconds(90)))).isEqualTo(Duration.ofSeconds(90));
        assertThat(TOPIC.retryTimeout(2, Optional.of(Duration.ofSeconds(999_999))))
                .isEqualTo(Duration.ofMinutes(10));
        assertThat(TOPIC.retryTimeout(2, Optional.of(Duration.ofSeconds(1)))).isGreaterThan(Duration.ofSeconds(7));
    }

    @Test
    void the_extension_property_retry_of_the_activity_wins_over_the_topic() {
        assertThat(of("R5/PT30S")).isEqualTo(new RetryPolicy(5, List.of(Duration.ofSeconds(30))));
        assertThat(of("PT10S,PT1M"))
                .isEqualTo(new RetryPolicy(3, List.of(Duration.ofSeconds(10), Duration.ofMinutes(1))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "R0/PT1M", "often", "R3/soon", "PT1S,later"})
    void an_extension_property_that_is_no_retry_cycle_leaves_the_topic_its_own(String property) {
        assertThat(of(property)).isEqualTo(TOPIC);
    }

    @ParameterizedTest
    @CsvSource({"R0/PT1M, true", "often, true", "R3/soon, true", "R3/PT1M, false", "' ', false"})
    void an_extension_property_that_cannot_be_read_is_named(String property, boolean problem) {
        assertThat(RetryPolicy.problem(task(property)).isPresent()).isEqualTo(problem);
    }

    private static RetryPolicy of(String property) {
        return RetryPolicy.of(task(property));
    }

    private static LockedTask task(String property) {
        return TestSubscriptions.task(
                "t-1", TestSubscriptions.subscription("svc_A", 16), null, Map.of("retry", property));
    }
}
