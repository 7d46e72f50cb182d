package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.TaskApplication;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;

/** User tasks from end to end: the bundled routes, the real engine, a broker, a gateway, and a task application behind it. */
@SpringBootTest(classes = DispatcherApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@DirtiesContext // or this dispatcher would take the tasks of the next test
abstract class ApproveRequest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int WAITS_FOR_EVER = TaskApplication.DECIDED + 1;

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Autowired
    private MeterRegistry meters;

    abstract TaskApplication application();

    @Test
    void fifty_tasks_at_once_are_each_created_once_and_completed_by_the_task_application() {
        List<String> requests =
                Stream.generate(() -> start(TaskApplication.APPROVED)).limit(50).toList();

        requests.forEach(request -> awaitEnd(request, "Request approved"));
        for (String request : requests) {
            String task = task(request);
            assertThat(application().calls("POST", task)).isEqualTo(1);
            assertThat(application().hasKey(task)).as("its id is the key").isTrue();
            assertThat(engine.variables(request).get("comment").path("value").asText())
                    .isEqualTo("as the rules say");
        }
    }

    @Test
    void a_claim_and_a_rejection_reach_the_process() {
        String request = start(TaskApplication.APPROVED + 1);

        awaitEnd(request, "Request rejected");
        assertThat(historicTask(request).path("assignee").asText()).isEqualTo("demo");
        assertThat(comment(request)).isEqualTo("as the rules say");
    }

    @Test
    void a_rejection_and_a_claim_that_come_twice_are_harmless() {
        String request = start(WAITS_FOR_EVER);
        String task = awaitHandedOut(request);
        double claimed = replies("claimed");
        double late = replies("late");

        application().claimed(task, "ada");
        application().claimed(task, "ada");
        await().atMost(SOON).until(() -> replies("claimed") == claimed + 2);
        application().completed(task, "rejected", "first");
        awaitEnd(request, "Request rejected");
        application().completed(task, "rejected", "second");
        application().claimed(task, "ada");

        await().atMost(SOON).until(() -> replies("late") == late + 2);
        assertThat(comment(request)).isEqualTo("first");
    }

    /** Handing out has not ended then, and what it remembers of the task must not undo what the answer has said. */
    @Test
    void an_answer_that_comes_before_the_gateway_has_answered_is_no_reason_to_withdraw() {
        StubMapping slow = Surroundings.GATEWAY
                .wireMock()
                .stubFor(post("/tasks")
                        .withRequestBody(matchingJsonPath("$.item", equalTo("slow bolts")))
                        .atPriority(1)
                        .willReturn(aResponse().withStatus(201).withFixedDelay(3_000)));
        try {
            double gone = handedOver("gone");
            String request = start("slow bolts", TaskApplication.APPROVED);
            awaitEnd(request, "Request approved");
            await().atMost(SOON).until(() -> handedOver("gone") == gone + 1);
            String later = start(WAITS_FOR_EVER);
            String withdrawn = awaitHandedOut(later);
            engine.cancel(later);

            await().atMost(SOON).until(() -> application().calls("DELETE", withdrawn) == 1);
            assertThat(application().calls("POST", task(request))).isEqualTo(1);
            assertThat(application().calls("DELETE", task(request))).isZero();
        } finally {
            Surroundings.GATEWAY.wireMock().removeStub(slow);
        }
    }

    @Test
    void an_escalation_leaves_the_task_open() {
        String request = start(WAITS_FOR_EVER);
        String task = awaitHandedOut(request);

        application().completed(task, "escalated", "too much for me");

        await().atMost(SOON).untilAsserted(() -> assertThat(engine.finishedActivities(request))
                .contains("BoardToldEvent"));
        assertThat(engine.isEnded(request)).isFalse();
        assertThat(comment(request)).isEqualTo("too much for me");
        engine.cancel(request);
    }

    @Test
    void a_task_that_the_process_cancels_is_withdrawn_once() {
        String request = start(WAITS_FOR_EVER);
        String task = awaitHandedOut(request);

        engine.correlate("msg_RequestCancelled", businessKey(request));

        await().atMost(SOON).untilAsserted(() -> assertThat(application().calls("DELETE", task))
                .isEqualTo(1));
    }

    @Test
    void a_task_that_is_completed_in_the_engine_by_somebody_else_is_withdrawn() {
        String request = start(WAITS_FOR_EVER);
        String task = awaitHandedOut(request);

        engine.post("/task/" + task + "/complete", Map.of());

        await().atMost(SOON).untilAsserted(() -> assertThat(application().calls("DELETE", task))
                .isEqualTo(1));
    }

    @Test
    void a_task_that_the_task_application_completes_is_not_withdrawn_there() {
        String request = start(TaskApplication.APPROVED);
        awaitEnd(request, "Request approved");
        String later = start(WAITS_FOR_EVER);
        String withdrawn = awaitHandedOut(later);

        engine.cancel(later);

        await().atMost(SOON).until(() -> application().calls("DELETE", withdrawn) == 1);
        assertThat(application().calls("DELETE", task(request))).isZero();
    }

    @Test
    void a_completion_that_comes_twice_is_ignored_and_counted() {
        String request = start(WAITS_FOR_EVER);
        String task = awaitHandedOut(request);
        double late = replies("late");

        application().completed(task, "approved", "first");
        awaitEnd(request, "Request approved");
        application().completed(task, "approved", "second");

        await().atMost(SOON).until(() -> replies("late") == late + 1);
        assertThat(engine.variables(request).get("comment").path("value").asText())
                .isEqualTo("first");
    }

    @Test
    void a_claim_after_that_of_another_person_is_ignored_and_counted() {
        String request = start(WAITS_FOR_EVER);
        String task = awaitHandedOut(request);
        double claimed = replies("claimedByAnother");

        engine.post("/task/" + task + "/claim", Map.of("userId", "ada"));
        application().claimed(task, "bob");

        await().atMost(SOON).until(() -> replies("claimedByAnother") == claimed + 1);
        assertThat(engine.get("/task/" + task).path("assignee").asText()).isEqualTo("ada");
        engine.cancel(request);
    }

    private double replies(String outcome) {
        return meters.counter("etd.user.task.replies", "engine", "default", "outcome", outcome)
                .count();
    }

    private double handedOver(String outcome) {
        return meters.counter("etd.user.tasks", "engine", "default", "task", "usr_ApproveRequest", "outcome", outcome)
                .count();
    }

    private String start(int amount) {
        return start("bolts", amount);
    }

    private String start(String item, int amount) {
        return engine.startProcess("approve-request", "A-" + UUID.randomUUID(), Map.of("item", item, "amount", amount));
    }

    private String comment(String request) {
        return engine.variables(request).get("comment").path("value").asText();
    }

    private String businessKey(String request) {
        return engine.processInstance(request).path("businessKey").asText();
    }

    private String awaitHandedOut(String request) {
        String task = task(request);
        await().atMost(SOON).untilAsserted(() -> assertThat(
                        engine.get("/task/" + task + "/localVariables").toString())
                .contains("done "));
        return task;
    }

    private String task(String request) {
        return historicTask(request).path("id").asText();
    }

    private JsonNode historicTask(String request) {
        return engine.list("/history/task?processInstanceId=" + request).get(0);
    }

    private void awaitEnd(String request, String name) {
        await().atMost(SOON).untilAsserted(() -> assertThat(
                        engine.list("/history/activity-instance?activityType=noneEndEvent&processInstanceId=" + request)
                                .toString())
                .as(() -> "at " + engine.currentActivities(request) + ", incidents " + engine.incidents(request))
                .contains(name));
    }
}
