package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.apache.camel.CamelContext;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.externaltask.dispatcher.sandbox.Warehouse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What an operator does by {@code /actuator/etd}, and what becomes of it in the engine and the broker. */
@SpringBootTest(classes = DispatcherApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@DirtiesContext
@ExtendWith(OutputCaptureExtension.class)
class ActionsIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String TOPIC = "svc_GetCustomerDetails";
    private static final String PATH = "/topics/default/" + TOPIC;

    private static Warehouse warehouse;
    private static FaultyLine line;

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final HttpClient http = HttpClient.newHttpClient();

    @LocalServerPort
    private int port;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) throws IOException {
        Surroundings.connect(properties);
        URI baseUrl = Surroundings.ENGINE.baseUrl();
        line = new FaultyLine("localhost", baseUrl.getPort());
        properties.add("etd.engines.default.base-url", () -> "http://localhost:" + line.port() + baseUrl.getPath());
    }

    @BeforeAll
    static void open() {
        warehouse = Warehouse.open(Surroundings.BROKER.port());
    }

    @AfterAll
    static void close() throws IOException {
        warehouse.close();
        line.close();
    }

    @AfterEach
    void mend() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
        post(PATH + "/resume", "{}");
    }

    @Test
    void a_paused_topic_is_left_in_the_engine_until_it_is_resumed(CapturedOutput log) {
        assertThat(done(PATH + "/pause", "{}", 1))
                .isEqualTo(TOPIC + " is paused: engine default is not asked for it any more.");
        assertThat(done(PATH + "/pause", "{}", 0)).isEqualTo(TOPIC + " was paused already.");

        String order = order();
        await().during(Duration.ofSeconds(4)).atMost(SOON).until(() -> !engine.isEnded(order));
        await().atMost(SOON).until(() -> Work.task(order).path("workerId").isNull());
        assertThat(Work.task(order).path("retries").isNull())
                .as("what an open poll may have brought was given back without costing a try")
                .isTrue();
        assertThat(topic(TOPIC).path("state").asText()).isEqualTo("paused");
        assertThat(topic(TOPIC).path("stateReason").asText()).startsWith("an operator has paused it");

        assertThat(done(PATH + "/resume", "{}", 1))
                .isEqualTo(TOPIC + " is resumed: engine default is asked for it again.");
        assertThat(done(PATH + "/resume", "{}", 0)).isEqualTo(TOPIC + " was not paused.");
        await().atMost(SOON).until(() -> engine.endEvent(order).isPresent());
        await().atMost(SOON).until(() -> topic(TOPIC).path("state").asText().equals("fetched"));
        assertThat(log).contains("write etd {action=pause, engine=default, topic=" + TOPIC + ", what=topics} -> 200");
    }

    @Test
    void work_in_progress_of_a_paused_topic_ends() {
        Surroundings.GATEWAY
                .wireMock()
                .stubFor(any(anyUrl()).willReturn(aResponse().withStatus(404).withFixedDelay(4_000)));
        String order = order();
        await().atMost(SOON).until(() -> topic(TOPIC).path("inWork").asInt() == 1);
        assertThat(with(get(PATH + "/locked"), "processInstanceId", order)
                        .path("here")
                        .asBoolean())
                .isTrue();

        done(PATH + "/pause", "{}", 1);

        await().atMost(SOON).until(() -> engine.endEvent(order).isPresent()); // 404 is a BPMN error of this topic
    }

    @Test
    void a_pause_outlives_the_start_of_another_version_of_the_route(@Autowired CamelContext camel) throws Exception {
        done(PATH + "/pause", "{}", 1);

        camel.getRouteController().stopRoute(TOPIC);
        camel.getRouteController().startRoute(TOPIC);

        assertThat(topic(TOPIC).path("state").asText()).isEqualTo("paused");
        done(PATH + "/resume", "{}", 1);
        await().atMost(SOON).until(() -> topic(TOPIC).path("state").asText().equals("fetched"));
    }

    @Test
    void user_tasks_can_be_paused_too_but_have_no_incidents_and_no_locks() {
        String path = "/topics/default/usr_ApproveRequest";
        done(path + "/pause", "{}", 1);
        assertThat(topic("usr_ApproveRequest").path("state").asText()).isEqualTo("paused");
        done(path + "/resume", "{}", 1);
        await().atMost(SOON)
                .until(() -> topic("usr_ApproveRequest").path("state").asText().equals("fetched"));

        assertThat(problem(path + "/replay", "{}", 400)).contains("for user tasks");
        assertThat(problem(path + "/tasks/1/unlock", "{}", 400)).contains("for user tasks");
    }

    @Test
    void replayed_incidents_are_resolved_and_their_tasks_done_again() {
        String one = incident();
        String other = incident();
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();

        String task = Work.taskId(one);
        assertThat(with(get(PATH + "/incidents").path("incidents"), "taskId", task)
                        .path("message")
                        .asText())
                .contains("answered 400");
        assertThat(done(PATH + "/replay", "{\"retries\": 1, \"taskIds\": [\"" + task + "\"]}", 1))
                .isEqualTo("1 task of " + TOPIC + " has one try again.");
        await().atMost(SOON).until(() -> engine.endEvent(one).isPresent());
        assertThat(engine.incidents(one)).isEmpty();
        await().atMost(SOON).untilAsserted(() -> assertThat(with(get(PATH + "/events"), "taskId", task)
                        .path("outcome")
                        .asText())
                .isEqualTo("completed"));
        assertThat(engine.incidents(other)).hasSize(1);

        assertThat(done(PATH + "/replay", "{\"retries\": 2, \"taskIds\": [\"" + task + "\"]}", 0))
                .isEqualTo("0 tasks of " + TOPIC
                        + " have 2 tries again. The others are no incidents of this topic any more.");

        assertThat(post(PATH + "/replay", "{}").statusCode()).isEqualTo(200);
        await().atMost(SOON).until(() -> engine.endEvent(other).isPresent());
    }

    @Test
    void a_task_is_unlocked_whoever_has_locked_it() {
        done(PATH + "/pause", "{}", 1);
        String order = order();
        await().atMost(SOON).until(() -> Work.task(order).path("workerId").isNull() && lockedBySomebody(order));
        String path = PATH + "/tasks/" + Work.taskId(order) + "/unlock";
        JsonNode locked = with(get(PATH + "/locked"), "taskId", Work.taskId(order));
        assertThat(locked.path("processInstanceId").asText()).isEqualTo(order);
        assertThat(locked.path("lockedBy").asText()).isEqualTo("somebody");
        assertThat(locked.path("here").asBoolean()).isFalse();
        assertThat(Instant.parse(locked.path("until").asText())).isAfter(Instant.now());

        assertThat(done(path, "{}", 1))
                .isEqualTo("Task " + Work.taskId(order) + " is unlocked; somebody had locked it.");
        assertThat(get(PATH + "/locked")).noneMatch(one -> one.path("taskId").equals(locked.path("taskId")));
        assertThat(Work.task(order).path("workerId").isNull()).isTrue();
        assertThat(done(path, "{}", 0)).isEqualTo("Task " + Work.taskId(order) + " was not locked.");
        assertThat(problem("/topics/default/svc_CheckInventory/tasks/" + Work.taskId(order) + "/unlock", "{}", 404))
                .isEqualTo("There is no such task of topic 'svc_CheckInventory'.");

        done(PATH + "/resume", "{}", 1);
        await().atMost(SOON).until(() -> engine.endEvent(order).isPresent());
        assertThat(problem(path, "{}", 404)).startsWith("The engine has no such task");
    }

    @Test
    void parked_messages_are_listed_sent_back_and_discarded_one_by_one(@Autowired ConnectionFactory connections) {
        RabbitTemplate sender = new RabbitTemplate(connections);
        await().atMost(SOON)
                .until(() -> new RabbitAdmin(connections).getQueueInfo("msg_OrderReceived") != null
                        && new RabbitAdmin(connections).getQueueInfo("etd.parked") != null);
        new RabbitAdmin(connections).purgeQueue("etd.parked");
        for (String id : List.of("first", "second")) {
            sender.convertAndSend("msg_OrderReceived", "no JSON", message -> {
                message.getMessageProperties().setMessageId(id);
                return message;
            });
        }
        await().atMost(SOON).until(() -> get("/parked").path("messages").size() == 2);
        JsonNode first = with(get("/parked").path("messages"), "messageId", "first");
        assertThat(first.path("queue").asText()).isEqualTo("msg_OrderReceived");
        assertThat(first.path("reason").asText()).contains("not JSON");
        assertThat(first.path("parkedAt").asText()).isNotEmpty();

        assertThat(done("/parked/redrive", "{\"ids\": [\"" + first.path("id").asText() + "\"]}", 1))
                .isEqualTo("1 message sent back to [msg_OrderReceived].");
        await().atMost(SOON).untilAsserted(() -> assertThat(with(get("/parked").path("messages"), "messageId", "first"))
                .isNotEqualTo(first)); // it is as bad as before, and so parked again

        String second = with(get("/parked").path("messages"), "messageId", "second")
                .path("id")
                .asText();
        assertThat(done("/parked/discard", "{\"ids\": [\"" + second + "\"]}", 1))
                .isEqualTo("1 message discarded.");
        assertThat(done("/parked/discard", "{\"ids\": [\"" + second + "\"]}", 0))
                .isEqualTo("0 messages discarded.");
        await().atMost(SOON).until(() -> get("/parked").path("total").asInt() == 1);
        assertThat(get("/parked").path("messages").get(0).path("messageId").asText())
                .isEqualTo("first");

        assertThat(done("/parked/redrive", "{}", 1)).startsWith("1 message sent back");
        await().atMost(SOON).until(() -> get("/parked").path("total").asInt() == 1);
        new RabbitAdmin(connections).purgeQueue("etd.parked");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/topics/default/svc_Unknown/pause       | {}                  | 404 | No route asks engine 'default'",
                "/topics/nowhere/svc_CheckInventory/resume | {}                | 404 | No route asks engine 'nowhere'",
                PATH + "/explode                         | {}                  | 404 | There is nothing at",
                PATH + "/replay                          | {\"retries\": 0}    | 400 | 'retries' is a whole number",
                PATH + "/replay                          | {\"retries\": 1000} | 400 | 'retries' is a whole number",
                PATH + "/replay                          | {\"taskIds\": []}   | 400 | 'taskIds' is a list",
                PATH + "/tasks/unknown/unlock            | {}                  | 404 | The engine has no such task",
                PATH + "/tasks/unknown/complete          | {}                  | 404 | There is nothing at",
                "/parked/discard                         | {}                  | 400 | Say which messages to discard",
                "/parked/discard                         | {\"ids\": []}       | 400 | 'ids' is a list",
                "/parked/explode                         | {}                  | 404 | There is nothing at"
            })
    void what_cannot_be_done_is_answered_with_a_sentence(String path, String body, int status, String sentence) {
        assertThat(problem(path, body, status)).startsWith(sentence);
    }

    @Test
    void an_engine_that_does_not_answer_is_named() {
        line.cut();
        try {
            assertThat(problem(PATH + "/replay", "{}", 503)).contains("engine default");
            assertThat(problem(PATH + "/tasks/1/unlock", "{}", 503)).contains("engine default");
        } finally {
            line.mend();
        }
        await().atMost(SOON).until(() -> topic(TOPIC).path("state").asText().equals("fetched"));
    }

    private boolean lockedBySomebody(String order) {
        engine.post(
                "/external-task/fetchAndLock",
                Map.of(
                        "workerId",
                        "somebody",
                        "maxTasks",
                        50,
                        "topics",
                        List.of(Map.of(
                                "topicName",
                                TOPIC,
                                "lockDuration",
                                300_000,
                                "businessKey",
                                Work.task(order).path("businessKey").asText()))));
        return Work.task(order).path("workerId").asText().equals("somebody");
    }

    private String incident() {
        Surroundings.GATEWAY
                .wireMock()
                .stubFor(any(anyUrl()).willReturn(aResponse().withStatus(400)));
        String order = order();
        await().atMost(SOON).until(() -> !engine.incidents(order).isEmpty());
        return order;
    }

    private String order() {
        String orderNumber = "O-" + UUID.randomUUID();
        return engine.startProcess(
                "order-handling", orderNumber, Map.of("orderNumber", orderNumber, "customerNumber", "C-1"));
    }

    private JsonNode topic(String name) {
        return with(get("").path("topics"), "topic", name);
    }

    private static JsonNode with(JsonNode list, String field, String value) {
        return StreamSupport.stream(list.spliterator(), false)
                .filter(item -> item.path(field).asText().equals(value))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing with " + field + "=" + value + " in " + list));
    }

    private String done(String path, String body, int count) {
        HttpResponse<String> answer = post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(json(answer).path("count").asInt()).as(answer.body()).isEqualTo(count);
        return json(answer).path("done").asText();
    }

    private String problem(String path, String body, int status) {
        HttpResponse<String> answer = post(path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return json(answer).path("problem").asText();
    }

    private JsonNode get(String path) {
        return json(send(request(path).build()));
    }

    private HttpResponse<String> post(String path, String body) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/etd" + path));
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return new ObjectMapper().readTree(answer.body());
        } catch (IOException e) {
            throw new AssertionError(answer.body(), e);
        }
    }
}
