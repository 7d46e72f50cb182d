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
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.Warehouse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What {@code /actuator/etd} says, held against what the engine itself says. */
@SpringBootTest(classes = DispatcherApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@AutoConfigureObservability(tracing = false)
@DirtiesContext
class OperationsIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String TOPIC = "svc_GetCustomerDetails";

    private static Warehouse warehouse;

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final HttpClient http = HttpClient.newHttpClient();

    @LocalServerPort
    private int port;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @BeforeAll
    static void open() {
        warehouse = Warehouse.open(Surroundings.BROKER.port());
    }

    @AfterAll
    static void close() {
        warehouse.close();
    }

    @AfterEach
    void mend() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    @Test
    void as_many_tasks_are_completed_as_in_the_history_of_the_engine() {
        long before = completed() - inHistory();

        for (int i = 0; i < 3; i++) {
            String order = order("C-1");
            await().atMost(SOON).until(() -> engine.endEvent(order).isPresent());
        }

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(completed() - inHistory()).isEqualTo(before));
        JsonNode topic = topic(TOPIC);
        assertThat(topic.path("state").asText()).isEqualTo("fetched");
        assertThat(topic.path("kind").asText()).isEqualTo("service");
        assertThat(topic.path("description").asText()).isEqualTo("Looks up the customer behind an order.");
        assertThat(topic.path("permits").asInt()).isEqualTo(16);
        assertThat(topic.path("completedPerMinute").asDouble()).isPositive();
        assertThat(topic.path("taskP95Millis").asDouble())
                .isGreaterThanOrEqualTo(topic.path("taskP50Millis").asDouble())
                .isGreaterThanOrEqualTo(topic.path("gatewayP50Millis").asDouble())
                .isPositive();
        assertThat(Instant.parse(topic.path("lastSuccess").asText())).isBefore(Instant.now());
    }

    @Test
    void a_task_in_work_is_counted_and_has_an_age() {
        Surroundings.GATEWAY
                .wireMock()
                .stubFor(any(anyUrl()).willReturn(aResponse().withStatus(404).withFixedDelay(4_000)));
        String order = order("C-1");

        await().atMost(SOON)
                .until(() -> topic(TOPIC).path("inWork").asInt() == 1
                        && topic(TOPIC).path("oldestInWorkSeconds").asDouble() > 1);

        await().atMost(SOON).until(() -> topic(TOPIC).path("inWork").asInt() == 0);
        assertThat(topic(TOPIC).path("oldestInWorkSeconds").isNull()).isTrue();
        await().atMost(SOON).until(() -> engine.endEvent(order).isPresent()); // 404 is a BPMN error of this topic
    }

    @Test
    void incidents_are_those_of_the_engine_with_what_to_do_about_the_last_one() {
        Surroundings.GATEWAY
                .wireMock()
                .stubFor(any(anyUrl()).willReturn(aResponse().withStatus(400)));
        String order = order("C-1");

        await().atMost(SOON).until(() -> !engine.incidents(order).isEmpty());

        String task = Work.taskId(order);
        JsonNode listed = get("/topics/default/" + TOPIC + "/incidents");
        assertThat(listed.path("total").asLong()).isEqualTo(engineCount());
        JsonNode incident = with(listed.path("incidents"), "taskId", task);
        assertThat(incident.path("processInstanceId").asText()).isEqualTo(order);
        assertThat(incident.path("businessKey").asText()).startsWith("O-");
        assertThat(incident.path("message").asText()).contains("answered 400");
        assertThat(Instant.parse(incident.path("since").asText()))
                .isBefore(Instant.now().plusSeconds(60));
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(topic(TOPIC).path("openIncidents").asLong()).isEqualTo(engineCount()));
        JsonNode topic = topic(TOPIC);
        assertThat(topic.path("lastError").path("message").asText()).contains("answered 400");
        assertThat(topic.path("lastError").path("advice").asText())
                .contains("svc_GetCustomerDetails.camel.yaml")
                .contains("replay");
        assertThat(topic.path("failures").path("incident").asLong()).isPositive();
        JsonNode event = with(get("/topics/default/" + TOPIC + "/events"), "taskId", task);
        assertThat(event.path("outcome").asText()).isEqualTo("incident");
        assertThat(event.path("message").asText()).contains("answered 400");
        engine.cancel(order);
    }

    @Test
    void the_activity_log_has_a_completed_task_and_none_of_its_variables() throws Exception {
        String order = order("C-1");
        await().atMost(SOON).until(() -> engine.endEvent(order).isPresent());

        JsonNode events = get("/topics/default/" + TOPIC + "/events");
        JsonNode event = with(events, "processInstanceId", order);
        assertThat(event.path("outcome").asText()).isEqualTo("completed");
        assertThat(event.path("businessKey").asText()).startsWith("O-");
        assertThat(event.path("millis").asDouble()).isPositive();
        assertThat(event.path("message").isNull()).isTrue();
        assertThat(events.toString()).doesNotContain("C-1");
    }

    @Test
    void engine_gateway_broker_and_queues_are_there_with_their_state() {
        String order = order("C-1");
        await().atMost(SOON).until(() -> engine.endEvent(order).isPresent());
        await().atMost(SOON).untilAsserted(() -> assertThat(get("").path("queues"))
                .isNotEmpty()
                .allSatisfy(queue -> assertThat(queue.path("state").asText()).isEqualTo("consuming")));

        JsonNode overview = get("");
        JsonNode engine = with(overview.path("engines"), "name", "default");
        assertThat(engine.path("state").asText()).isEqualTo("UP");
        assertThat(engine.path("lastPollSecondsAgo").asDouble()).isLessThan(60);
        assertThat(engine.path("baseUrl").asText())
                .isEqualTo(Surroundings.ENGINE.baseUrl().toString());
        JsonNode gateway = with(overview.path("gateways"), "name", "default");
        assertThat(gateway.path("circuit").asText()).isEqualTo("disabled");
        assertThat(gateway.path("state").asText()).isEqualTo("UP");
        assertThat(gateway.path("callsPerMinute").asDouble()).isPositive();
        assertThat(overview.path("broker").path("state").asText()).isEqualTo("UP");
        assertThat(overview.path("broker").path("publishedPerMinute").asDouble())
                .isPositive();
        JsonNode queue = with(overview.path("queues"), "route", "msg_OrderReceived");
        assertThat(queue.path("correlated").asLong()).isPositive();
        assertThat(queue.path("received").asLong())
                .isGreaterThanOrEqualTo(queue.path("correlated").asLong());
    }

    @Test
    void what_is_not_there_is_answered_with_a_sentence() throws Exception {
        HttpResponse<String> unknownTopic = call("/topics/default/svc_Unknown/events");
        HttpResponse<String> unknownList = call("/topics/default/" + TOPIC + "/variables");
        HttpResponse<String> unknown = call("/secrets");

        assertThat(unknownTopic.statusCode()).isEqualTo(404);
        assertThat(unknownTopic.body()).contains("No route asks engine 'default' for a topic 'svc_Unknown'");
        assertThat(unknownList.statusCode()).isEqualTo(404);
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("There is nothing at /actuator/etd/secrets");
    }

    private long completed() {
        return topic(TOPIC).path("outcomes").path("completed").asLong();
    }

    private long inHistory() {
        return engine.get("/history/external-task-log/count?successLog=true&topicName=" + TOPIC)
                .path("count")
                .asLong();
    }

    private long engineCount() {
        return engine.get("/external-task/count?noRetriesLeft=true&topicName=" + TOPIC)
                .path("count")
                .asLong();
    }

    private String order(String customerNumber) {
        String orderNumber = "O-" + UUID.randomUUID();
        return engine.startProcess(
                "order-handling", orderNumber, Map.of("orderNumber", orderNumber, "customerNumber", customerNumber));
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

    private JsonNode get(String path) {
        try {
            HttpResponse<String> answer = call(path);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return new ObjectMapper().readTree(answer.body());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private HttpResponse<String> call(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/etd" + path))
                        .build(),
                BodyHandlers.ofString());
    }
}
