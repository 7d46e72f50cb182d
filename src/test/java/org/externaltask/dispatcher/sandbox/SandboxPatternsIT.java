package org.externaltask.dispatcher.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.env.MockEnvironment;

/** What {@code SANDBOX_PATTERN=… mvn spring-boot:test-run} shows, on two engines. */
class SandboxPatternsIT {

    private static Sandbox sandbox;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(settings("between-engines"));
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @ParameterizedTest
    @CsvSource({
        "service-task, order-handling, 'CustomerNotFoundEvent 1'",
        "send-message, order-handling, 'SendConfirmationTask '",
        "receive-message, order-handling, 'WaitForWarehouseTask '",
        "user-task, approve-request, 'RequestApprovedEvent 2, RequestMadeEvent 4, RequestRejectedEvent 2'",
        "request-and-reply, async-request, 'OffersCompleteEvent 4, OffersNeededEvent 4, RequestOfferTask 200'",
        "complete-then-notify, long-running-work, 'StartWorkTask 4, WaitForWorkEvent 4, WorkFinishedEvent 4'"
    })
    void a_pattern_says_what_it_started_what_ended_and_how_long_it_took(
            String word, String process, String activities) {
        List<String> lines = run(word);

        assertThat(lines.get(0)).isEqualTo(word + ": starts 4 instances of " + process);
        assertThat(lines)
                .anySatisfy(line -> assertThat(line)
                        .matches(word + ": 4 instances of " + process
                                + " started, 4 ended, 0 incidents, in \\d+\\.\\d s"))
                .anySatisfy(line -> assertThat(line).startsWith(word + ": ").contains(activities));
    }

    @Test
    void the_pattern_between_engines_sums_up_the_processes_of_both() {
        assertThat(run("between-engines"))
                .anySatisfy(line -> assertThat(line).contains(" 4 instances of order-management started, 4 ended, "))
                .anySatisfy(line ->
                        assertThat(line).contains("OrderAcceptedEvent 3").contains("OutOfStockEvent 1"))
                .anySatisfy(line -> assertThat(line).contains(" 4 instances of inventory-check started, 4 ended, "))
                .anySatisfy(line -> assertThat(line).contains("AnswerSentEvent 4"));
    }

    @Test
    void a_pattern_that_is_not_known_stops_the_start_and_tells_which_are() {
        assertThatThrownBy(() -> settings("svc"))
                .hasMessage("sandbox.pattern is 'svc'; write one of service-task, send-message, receive-message, "
                        + "user-task, request-and-reply, complete-then-notify, between-engines");
    }

    private static List<String> run(String word) {
        List<String> lines = new ArrayList<>();
        PatternRun run = sandbox.run(Pattern.of(word).orElseThrow(), 4, lines::add);
        await().atMost(Duration.ofSeconds(90)).pollDelay(Duration.ZERO).until(() -> {
            run.run();
            return run.isOver();
        });
        return lines;
    }

    private static SandboxSettings settings(String pattern) {
        MockEnvironment environment = new MockEnvironment().withProperty("sandbox.pattern", pattern);
        List.of("engine", "broker", "gateway", "dispatcher", "inventory")
                .forEach(part -> environment.withProperty("sandbox." + part + ".port", "0"));
        return SandboxSettings.from(environment);
    }
}
