package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.UUID;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What a reply does to the task that waits for it, and what happens when none comes. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "etd.routes=file:src/test/resources/replies")
@DirtiesContext
class ReplyIT {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Autowired
    private RabbitTemplate broker;

    @Autowired
    private MeterRegistry meters;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @Test
    void a_reply_completes_its_task_with_variables_of_the_process_and_of_the_task() {
        String instance = start("svc_Ask");

        reply(awaitLocked(instance), "answer", "yes", "detail", "of the task");

        awaitEnd(instance, "Done");
        assertThat(engine.variables(instance).get("answer").path("value").asText())
                .isEqualTo("yes");
        assertThat(engine.list("/history/variable-instance?variableName=detail&processInstanceId=" + instance)
                        .get(0)
                        .path("activityInstanceId")
                        .asText())
                .startsWith("task:");
    }

    @Test
    void a_reply_can_raise_a_bpmn_error_with_variables() {
        String instance = start("svc_Ask");

        reply(awaitLocked(instance), "code", "any", "reason", "sold out");

        awaitEnd(instance, "Not found");
        assertThat(engine.variables(instance).get("reason").path("value").asText())
                .isEqualTo("sold out");
        assertThat(engine.variables(instance).get("message").path("value").asText())
                .isEqualTo("the answer is no: sold out");
    }

    @Test
    void a_reply_that_says_failure_costs_a_retry_and_the_last_one_makes_an_incident() {
        String instance = start("svc_Ask");

        reply(awaitLocked(instance), "error", "out of paper", "details", "tray 2");

        await().atMost(SOON).until(() -> task(instance).path("retries").asInt() == 1);
        assertThat(task(instance).path("errorMessage").asText()).isEqualTo("out of paper");
        assertThat(engine.text("/external-task/" + task(instance).path("id").asText() + "/errorDetails"))
                .isEqualTo("tray 2");
        await().atMost(SOON)
                .until(() -> !task(instance).path("workerId").isNull()
                        && task(instance).path("lockExpirationTime").isTextual());

        reply(awaitLocked(instance), "error", "still out of paper", "details", "tray 2");

        await().atMost(SOON).until(() -> !engine.incidents(instance).isEmpty());
        assertThat(engine.incidents(instance).get(0).path("incidentMessage").asText())
                .isEqualTo("still out of paper");
    }

    @Test
    void a_repeated_reply_is_ignored_and_counted() {
        String instance = start("svc_Ask");
        JsonNode task = awaitLocked(instance);
        double late = replies("late");

        reply(task, "answer", "yes", "detail", 1);
        awaitEnd(instance, "Done");
        reply(task, "answer", "no", "detail", 2);

        await().atMost(SOON).until(() -> replies("late") == late + 1);
        assertThat(engine.variables(instance).get("answer").path("value").asText())
                .isEqualTo("yes");
    }

    @Test
    void a_reply_for_a_task_that_another_worker_holds_is_ignored() {
        String instance = start("svc_Ask");
        ObjectNode task = awaitLocked(instance).deepCopy();
        double late = replies("late");

        reply(task.put("workerId", "somebody-else"), "answer", "yes", "detail", 1);

        await().atMost(SOON).until(() -> replies("late") == late + 1);
        assertThat(engine.isEnded(instance)).isFalse();
    }

    @Test
    void a_message_that_it_takes_longer_extends_the_lock() {
        String instance = start("svc_Ask");
        JsonNode locked = awaitLocked(instance);

        reply(locked, "longer", true);

        await().atMost(SOON)
                .until(() -> lockEnd(task(instance)).isAfter(lockEnd(locked).plus(Duration.ofMinutes(30))));
        reply(locked, "answer", "yes", "detail", 1);
        awaitEnd(instance, "Done");
    }

    @Test
    void a_task_that_nobody_works_on_any_more_is_offered_again_at_once_and_keeps_its_retries() {
        String instance = start("svc_Ask");
        JsonNode locked = awaitLocked(instance);

        reply(locked, "nobody", true);

        await().atMost(SOON).until(() -> lockEnd(task(instance)).isAfter(lockEnd(locked)));
        assertThat(task(instance).path("retries").isNull()).isTrue();
    }

    @Test
    void a_task_of_another_worker_is_not_unlocked() {
        String instance = start("svc_Ask");
        ObjectNode locked = awaitLocked(instance).deepCopy();
        double late = replies("late");

        reply(locked.put("workerId", "somebody-else"), "nobody", true);

        await().atMost(SOON).until(() -> replies("late") == late + 1);
        assertThat(lockEnd(task(instance))).isEqualTo(lockEnd(locked));
    }

    @Test
    void retries_can_be_set_whoever_holds_the_lock() {
        String instance = start("svc_Ask");

        reply(awaitLocked(instance), "retries", 7);

        await().atMost(SOON).until(() -> task(instance).path("retries").asInt() == 7);
    }

    @Test
    void a_topic_that_sets_the_retries_of_its_own_task_is_an_incident_that_says_why_not() {
        String instance = start("svc_SetsOwnRetries");

        await().atMost(SOON).until(() -> !engine.incidents(instance).isEmpty());
        assertThat(engine.incidents(instance).get(0).path("incidentMessage").asText())
                .contains("set-retries stands in the route of a topic; it is for routes that receive a message");
    }

    private static OffsetDateTime lockEnd(JsonNode task) {
        return OffsetDateTime.parse(
                task.path("lockExpirationTime").asText(), DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ"));
    }

    @Test
    void a_reply_that_does_not_come_in_time_costs_a_retry() {
        String instance = start("svc_AskInTime");

        await().atMost(SOON).until(() -> task(instance).path("retries").asInt() == 2);
        assertThat(task(instance).path("errorMessage").asText()).isEqualTo("svc_AskInTime: no reply came within 1s");
    }

    @Test
    void a_reply_that_does_not_come_in_time_ends_in_the_bpmn_error_that_the_topic_names() {
        awaitEnd(start("svc_AskOrElse"), "Not found");
    }

    @Test
    void a_reply_in_time_ends_the_waiting() {
        String instance = start("svc_AskInTime");

        reply(awaitLocked(instance), "answer", "yes", "detail", 1);

        awaitEnd(instance, "Done");
    }

    private double replies(String outcome) {
        return meters.counter("etd.replies", "engine", "default", "outcome", outcome)
                .count();
    }

    private String start(String topic) {
        return engine.startProcess("one-task", UUID.randomUUID().toString(), Map.of("topic", topic, "key", "K-1"));
    }

    private JsonNode awaitLocked(String instance) {
        await().atMost(SOON).until(() -> task(instance).path("workerId").isTextual());
        return task(instance);
    }

    private JsonNode task(String instance) {
        return engine.externalTasks(instance).get(0);
    }

    private void reply(JsonNode task, Object... fields) {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("taskId", task.path("id").asText())
                .put("workerId", task.path("workerId").asText());
        for (int i = 0; i < fields.length; i += 2) {
            body.putPOJO((String) fields[i], fields[i + 1]);
        }
        broker.send(
                "replies",
                "reply",
                MessageBuilder.withBody(body.toString().getBytes()).build());
    }

    private void awaitEnd(String instance, String name) {
        await().atMost(SOON).untilAsserted(() -> assertThat(engine.endEvent(instance))
                .as(() -> "incidents " + engine.incidents(instance))
                .contains(name));
    }
}
