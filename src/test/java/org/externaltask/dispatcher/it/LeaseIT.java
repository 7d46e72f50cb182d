package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EmbeddedEngine;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Locks of two seconds under work that takes longer, over a line to the engine that can break. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "etd.routes=file:src/test/resources/leases")
@DirtiesContext // or this dispatcher would take the tasks of the next test
@ExtendWith(OutputCaptureExtension.class)
class LeaseIT {

    private static FaultyLine line;

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final MeterRegistry meters;

    LeaseIT(@Autowired MeterRegistry meters) {
        this.meters = meters;
    }

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) throws IOException {
        Surroundings.connect(properties);
        URI baseUrl = Surroundings.ENGINE.baseUrl();
        line = new FaultyLine("localhost", baseUrl.getPort());
        properties.add("etd.engines.default.base-url", () -> "http://localhost:" + line.port() + baseUrl.getPath());
    }

    @AfterAll
    static void cutTheLine() throws IOException {
        line.close();
    }

    @AfterEach
    void forgetStubs() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    @Test
    void work_that_takes_longer_than_its_lock_is_done_once_because_the_lock_is_extended() {
        Work.takes(Duration.ofSeconds(5));

        String instance = Work.start("svc_LongWork");

        Work.awaitCalls(1);
        String firstEnd = Work.task(instance).path("lockExpirationTime").asText();
        await().atMost(Work.SOON)
                .until(() ->
                        !Work.task(instance).path("lockExpirationTime").asText().equals(firstEnd));
        Work.awaitDone(instance);
        assertThat(Work.calls()).hasSize(1);
        assertThat(Work.failures(instance)).isEmpty();
    }

    @Test
    void the_result_of_a_task_that_was_cancelled_meanwhile_is_dropped(CapturedOutput log) {
        Work.takes(Duration.ofSeconds(3));
        double gone = counted("svc_LongWork", "gone");
        String instance = Work.start("svc_LongWork");
        Work.awaitCalls(1);
        String task = Work.taskId(instance);

        engine.cancel(instance);

        await().atMost(Work.SOON).until(() -> counted("svc_LongWork", "gone") == gone + 1);
        await().during(Duration.ofSeconds(4)).atMost(Work.SOON).untilAsserted(() -> assertThat(linesAbout(task, log))
                .containsExactly("task " + task
                        + " of topic svc_LongWork is gone (completed or cancelled); its result is dropped"));
        assertThat(counted("svc_LongWork", "gone")).isEqualTo(gone + 1);
    }

    @Test
    void the_result_of_a_task_that_somebody_else_has_taken_over_is_not_reported(CapturedOutput log) {
        Work.takes(Duration.ofSeconds(3));
        String instance = Work.start("svc_OneAtATime");
        Work.awaitCalls(1);
        String task = Work.taskId(instance);

        engine.post("/external-task/" + task + "/unlock", Map.of());
        engine.post("/external-task/fetchAndLock", fetchAs("somebody-else", "svc_OneAtATime"));

        await().atMost(Work.SOON).until(() -> counted("svc_OneAtATime", "lockLost") == 1);
        await().during(Duration.ofSeconds(4)).atMost(Work.SOON).until(() -> !engine.isEnded(instance));
        assertThat(Work.task(instance).path("retries").isNull()).isTrue();
        assertThat(Work.failures(instance)).isEmpty();
        assertThat(linesAbout(task, log))
                .containsExactly("task " + task
                        + " of topic svc_OneAtATime is not locked for this process any more; its result is dropped");

        engine.post("/external-task/" + task + "/complete", Map.of("workerId", "somebody-else"));
        Work.awaitDone(instance);
    }

    @Test
    void a_result_is_delivered_when_the_engine_is_back_and_the_work_is_not_repeated() {
        Work.takes(Duration.ofSeconds(1));
        String instance = Work.start("svc_LongWork");
        Work.awaitCalls(1);

        line.cut();
        await().pollDelay(Duration.ofSeconds(5)).until(() -> true); // longer than the work and the lock
        line.mend();

        Work.awaitDone(instance);
        assertThat(Work.calls()).hasSize(1);
        assertThat(Work.failures(instance)).isEmpty();
    }

    @Test
    void work_goes_on_with_a_new_lock_when_its_own_ran_out_while_the_engine_was_away() {
        Work.takes(Duration.ofSeconds(10));
        String instance = Work.start("svc_LongWork");
        Work.awaitCalls(1);

        line.cut();
        await().pollDelay(Duration.ofSeconds(3)).until(() -> true); // longer than the lock
        line.mend();

        Work.awaitDone(instance);
        assertThat(Work.calls()).hasSize(1);
        assertThat(Work.failures(instance)).isEmpty();
    }

    @Test
    void a_completion_whose_answer_is_lost_counts_as_unconfirmed_and_is_no_failure(CapturedOutput log) {
        Work.takes(Duration.ZERO);
        line.loseAnswerTo("/complete");

        String instance = Work.start("svc_LongWork");

        Work.awaitDone(instance);
        await().atMost(Work.SOON).until(() -> counted("svc_LongWork", "completedUnconfirmed") == 1);
        assertThat(log).containsOnlyOnce("is gone after a report (completed) that was not answered");
        assertThat(Work.failures(instance)).isEmpty();
        assertThat(Work.calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 20, 400})
    void tasks_of_an_answer_that_breaks_off_come_again_after_their_lock_and_nothing_else_is_disturbed(int bytes) {
        Work.takes(Duration.ZERO);
        line.cutAnswerWith("svc_LongWork", bytes);

        String instance = Work.start("svc_LongWork");
        String other = Work.start("svc_OneAtATime");

        Work.awaitDone(instance);
        Work.awaitDone(other);
        assertThat(Work.calls()).hasSize(2);
        assertThat(Work.failures(instance)).isEmpty();
        assertThat(Work.failures(other)).isEmpty();
    }

    @Test
    void over_a_slow_line_work_is_done_once() {
        Work.takes(Duration.ZERO);
        line.delayAnswers(Duration.ofMillis(100));
        line.throttleAnswers(4_000);

        String instance = Work.start("svc_LongWork");

        try {
            Work.awaitDone(instance);
        } finally {
            line.delayAnswers(Duration.ZERO);
            line.throttleAnswers(Integer.MAX_VALUE);
        }
        assertThat(Work.failures(instance)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, -1})
    void an_engine_whose_clock_jumps_by_an_hour_loses_no_task_and_fails_none(long hours) {
        Work.takes(Duration.ofSeconds(3));
        String before = Work.start("svc_LongWork");
        Work.awaitCalls(1);
        try {
            EmbeddedEngine.clockIsWrongBy(Duration.ofHours(hours));
            String meanwhile = Work.start("svc_LongWork");

            Work.awaitDone(before);
            Work.awaitDone(meanwhile);
            assertThat(Work.failures(before)).isEmpty();
            assertThat(Work.failures(meanwhile)).isEmpty();
        } finally {
            EmbeddedEngine.clockIsWrongBy(Duration.ZERO);
        }
        String after = Work.start("svc_LongWork");
        Work.awaitDone(after);
        assertThat(Work.failures(after)).isEmpty();
    }

    private static Map<String, Object> fetchAs(String workerId, String topic) {
        return Map.of(
                "workerId",
                workerId,
                "maxTasks",
                1,
                "topics",
                List.of(Map.of("topicName", topic, "lockDuration", 60_000)));
    }

    private double counted(String topic, String outcome) {
        var counter = meters.find("etd.tasks")
                .tags("topic", topic, "outcome", outcome)
                .counter();
        return counter == null ? 0 : counter.count();
    }

    private static List<String> linesAbout(String task, CapturedOutput log) {
        return log.toString()
                .lines()
                .filter(line -> line.contains(task))
                .map(line -> line.substring(line.indexOf("task " + task)))
                .toList();
    }
}
