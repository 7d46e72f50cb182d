package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.EngineClient.Typed;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What happened in a topic's route, and what the engine then shows. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "etd.routes=file:src/test/resources/topics")
class TaskOutcomeIT {

    private static final Duration SOON = Duration.ofSeconds(15);
    private static final DateTimeFormatter ENGINE_DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ");

    private final EngineClient engine = Surroundings.ENGINE.client();

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @AfterEach
    void forgetStubs() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
        Surroundings.GATEWAY.wireMock().resetRequests();
    }

    @Test
    void a_route_that_ends_normally_completes_its_task_with_the_variables_of_its_body() {
        gatewayAnswers(okJson("{\"name\": \"a thing\"}"));

        String instance = start("svc_Lookup", Map.of("key", "K-1"));

        awaitEnd(instance, "Done");
        assertThat(value(instance, "found").asText()).isEqualTo("a thing");
    }

    @Test
    void the_gateway_gets_the_task_id_as_idempotency_key_and_nothing_of_the_process_in_its_headers() {
        gatewayAnswers(okJson("{\"name\": \"a thing\"}"));

        String instance = start("svc_Post", Map.of("key", "K-1", "amount", 5));

        awaitEnd(instance, "Done");
        String taskId = engine.list("/history/external-task-log?processInstanceId=" + instance)
                .get(0)
                .path("externalTaskId")
                .asText();
        Surroundings.GATEWAY
                .wireMock()
                .verify(postRequestedFor(urlEqualTo("/things"))
                        .withHeader("Idempotency-Key", equalTo(taskId))
                        .withoutHeader("businessKey")
                        .withRequestBody(equalToJson("{\"key\": \"K-1\", \"amount\": 5}")));
    }

    @Test
    void a_hostile_variable_stays_one_segment_of_the_path() {
        gatewayAnswers(okJson("{\"name\": \"a thing\"}"));

        String instance = start("svc_Lookup", Map.of("key", "a/b?httpMethod=DELETE#{{etd.routes}}"));

        awaitEnd(instance, "Done");
        Surroundings.GATEWAY
                .wireMock()
                .verify(getRequestedFor(urlEqualTo("/things/a%2Fb%3FhttpMethod%3DDELETE%23%7B%7Betd.routes%7D%7D")));
    }

    @Test
    void a_variable_that_would_climb_out_of_its_path_is_an_incident_and_no_call() {
        gatewayAnswers(okJson("{}"));

        JsonNode incident = awaitIncident(start("svc_Lookup", Map.of("key", "../admin")));

        assertThat(incident.path("incidentMessage").asText()).contains("svc_Lookup: GET /things/{key}", "key");
        Surroundings.GATEWAY.wireMock().verify(0, anyRequestedFor(anyUrl()));
    }

    @Test
    void a_gateway_status_listed_in_bpmn_errors_raises_that_error() {
        gatewayAnswers(aResponse().withStatus(404));

        String instance = start("svc_Lookup", Map.of("key", "K-1"));

        awaitEnd(instance, "Not found");
        assertThat(value(instance, "code").asText()).isEqualTo("NOT_FOUND");
        assertThat(value(instance, "message").asText()).isEqualTo("GET /things/{key} on gateway default answered 404");
    }

    @Test
    void a_route_can_raise_a_bpmn_error_with_variables() {
        String instance = start("svc_SaysNo", Map.of("key", "K-1"));

        awaitEnd(instance, "Not found");
        assertThat(value(instance, "message").asText()).isEqualTo("sold out");
        assertThat(value(instance, "reason").asText()).isEqualTo("sold out");
    }

    @ParameterizedTest
    @CsvSource({"408", "425", "429", "500", "502", "503", "504"})
    void a_gateway_that_may_do_better_later_costs_one_retry(int status) {
        gatewayAnswers(aResponse().withStatus(status));

        JsonNode task = awaitFailure(start("svc_Lookup", Map.of("key", "K-1")));

        assertThat(task.path("retries").asInt()).isEqualTo(2);
        assertThat(task.path("errorMessage").asText())
                .isEqualTo("svc_Lookup: GET /things/{key} on gateway default answered " + status);
        assertThat(heldBack(task)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(12));
        Surroundings.GATEWAY.wireMock().verify(1, getRequestedFor(urlEqualTo("/things/K-1")));
    }

    @Test
    void a_gateway_that_asks_for_time_gets_it() {
        gatewayAnswers(aResponse().withStatus(429).withHeader("Retry-After", "240"));

        JsonNode task = awaitFailure(start("svc_Lookup", Map.of("key", "K-1")));

        assertThat(heldBack(task)).isBetween(Duration.ofSeconds(200), Duration.ofSeconds(240));
    }

    @Test
    void a_gateway_that_resets_the_connection_costs_one_retry() {
        gatewayAnswers(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER));

        assertThat(awaitFailure(start("svc_Lookup", Map.of("key", "K-1")))
                        .path("retries")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void a_gateway_that_does_not_answer_in_time_costs_one_retry() {
        gatewayAnswers(okJson("{}").withFixedDelay(3_000));

        JsonNode task = awaitFailure(start("svc_Query", Map.of("key", "K-1")));

        assertThat(task.path("retries").asInt()).isEqualTo(2);
        assertThat(task.path("errorMessage").asText())
                .isEqualTo("svc_Query: GET /search on gateway default did not answer within 1 s");
    }

    @Test
    void a_task_whose_tries_are_used_up_is_an_incident() {
        gatewayAnswers(aResponse().withStatus(503));

        JsonNode incident = awaitIncident(start("svc_Retry", Map.of("key", "K-1")));

        assertThat(incident.path("incidentMessage").asText())
                .isEqualTo("svc_Retry: GET /things/{key} on gateway default answered 503");
        Surroundings.GATEWAY.wireMock().verify(2, getRequestedFor(urlEqualTo("/things/K-1")));
    }

    @Test
    void the_extension_property_retry_of_the_activity_wins_over_the_topic() {
        gatewayAnswers(aResponse().withStatus(503));

        String instance =
                engine.startProcess("retry-property", UUID.randomUUID().toString(), Map.of("key", "K-1"));

        JsonNode task = awaitFailure(instance);
        assertThat(task.path("retries").asInt()).isEqualTo(6);
        assertThat(heldBack(task)).isGreaterThan(Duration.ofMinutes(90));
    }

    @ParameterizedTest
    @CsvSource({"400", "401", "403", "405", "409", "410", "422", "301", "302"})
    void any_other_status_of_the_gateway_is_an_incident_at_once(int status) {
        gatewayAnswers(aResponse().withStatus(status).withHeader("Location", "http://elsewhere.example/"));

        assertThat(awaitIncident(start("svc_Lookup", Map.of("key", "K-1")))
                        .path("incidentMessage")
                        .asText())
                .isEqualTo("svc_Lookup: GET /things/{key} on gateway default answered " + status);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    text/html        | <html>Sorry</html>
                    application/json | {"name": "cut off
                    application/json | {"name": "a"} and more
                    """)
    void an_answer_that_is_no_json_is_an_incident_that_says_so(String contentType, String body) {
        gatewayAnswers(aResponse()
                .withStatus(200)
                .withHeader("Content-Type", contentType)
                .withBody(body));

        assertThat(awaitIncident(start("svc_Lookup", Map.of("key", "K-1")))
                        .path("incidentMessage")
                        .asText())
                .contains("svc_Lookup", "GET /things/{key} on gateway default", "JSON");
    }

    @Test
    void an_empty_answer_where_the_mapping_needs_one_is_an_incident_that_says_so() {
        gatewayAnswers(aResponse().withStatus(200));

        assertThat(awaitIncident(start("svc_Lookup", Map.of("key", "K-1")))
                        .path("incidentMessage")
                        .asText())
                .contains("svc_Lookup", "empty");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void from_java_21_on_virtual_threads_carry_the_tasks(@Autowired ExecutorService taskThreads) throws Exception {
        Method isVirtual = Thread.class.getMethod("isVirtual");

        assertThat(taskThreads
                        .submit(() -> isVirtual.invoke(Thread.currentThread()))
                        .get())
                .isEqualTo(true);
    }

    @Test
    void a_missing_variable_of_the_path_is_an_incident_that_names_it() {
        JsonNode incident = awaitIncident(start("svc_Lookup", Map.of()));

        assertThat(incident.path("incidentMessage").asText())
                .contains("svc_Lookup", "/things/{key}", "key", "variables");
    }

    @Test
    void a_null_variable_of_the_path_is_an_incident_that_names_it() {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("key", null);

        assertThat(awaitIncident(start("svc_Lookup", variables))
                        .path("incidentMessage")
                        .asText())
                .contains("svc_Lookup", "/things/{key}", "key");
    }

    @Test
    void a_mapping_that_fails_is_an_incident_that_names_the_topic() {
        JsonNode incident = awaitIncident(start("svc_BrokenMapping", Map.of("key", "no number")));

        assertThat(incident.path("incidentMessage").asText()).contains("svc_BrokenMapping", "mapping");
    }

    @Test
    void a_body_that_is_no_object_is_an_incident_that_says_what_was_expected() {
        JsonNode incident = awaitIncident(start("svc_Array", Map.of("key", "K-1")));

        assertThat(incident.path("incidentMessage").asText())
                .contains("svc_Array", "a JSON array as its body; expected a JSON object of the variables to write");
    }

    @Test
    void a_message_to_an_unknown_exchange_is_an_incident_that_names_exchange_and_key() {
        JsonNode incident = awaitIncident(start("svc_Unroutable", Map.of("key", "K-1")));

        assertThat(incident.path("incidentMessage").asText())
                .contains("svc_Unroutable", "no-such-exchange", "some.key");
    }

    @Test
    void a_route_that_leaves_its_body_alone_writes_nothing() {
        String instance = start("svc_Nothing", everyKind());
        Map<String, JsonNode> before = engine.variables(instance);

        awaitEnd(instance, "Done");

        assertThat(engine.variables(instance).keySet()).isEqualTo(before.keySet());
        assertThat(engine.list("/history/detail?variableUpdates=true&processInstanceId=" + instance))
                .as("each variable was written once, by the start")
                .hasSize(before.size());
    }

    @Test
    void every_kind_of_variable_survives_a_route_that_writes_back_what_it_read() {
        String instance = start("svc_Add", everyKind());
        Map<String, JsonNode> before = engine.variables(instance);

        awaitEnd(instance, "Done");

        Map<String, JsonNode> after = engine.variables(instance);
        before.forEach((name, variable) ->
                assertThat(after.get(name).path("type")).as(name).isEqualTo(variable.path("type")));
        before.forEach((name, variable) -> {
            assertThat(after.get(name).path("value")).as(name).isEqualTo(variable.path("value"));
        });
        assertThat(after.get("added").path("type").asText()).isEqualTo("String");
        assertThat(after.get("number").path("type").asText()).isEqualTo("Long");
        assertThat(after.get("number").path("value").asLong()).isEqualTo(9_007_199_254_740_993L);
        assertThat(after.get("list").path("type").asText()).isEqualTo("Json");
        assertThat(after.get("nothing").path("type").asText()).isEqualTo("Null");
        assertThat(after.get("yes").path("type").asText()).isEqualTo("Boolean");
        assertThat(after.get("long").path("type").asText()).isEqualTo("Json");
    }

    @Test
    void a_route_writes_only_what_its_outputs_allow_with_the_types_that_they_ask_for() {
        String instance = start("svc_Outputs", Map.of("when", "2026-01-02T03:04:05Z"));

        awaitEnd(instance, "Done");
        Map<String, JsonNode> variables = engine.variables(instance);
        assertThat(variables).containsKeys("due", "count").doesNotContainKey("secret");
        assertThat(variables.get("due").path("type").asText()).isEqualTo("Date");
        assertThat(variables.get("count").path("type").asText()).isEqualTo("Long");
    }

    @Test
    void output_scope_local_writes_into_the_scope_of_the_activity() {
        String instance = start("svc_Local", Map.of("key", "K-1"));

        awaitEnd(instance, "Done");
        JsonNode mine = engine.variables(instance).get("mine");
        assertThat(mine.path("activityInstanceId").asText()).isNotEqualTo(instance);
    }

    @Test
    void a_topic_without_auto_complete_stays_locked_after_its_route() {
        String instance = start("svc_Stays", Map.of("key", "K-1"));

        await().atMost(SOON).until(() -> !task(instance).path("workerId").isNull());
        await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> !engine.isEnded(instance));
        assertThat(heldBack(task(instance))).isGreaterThan(Duration.ofMinutes(5));
    }

    private static Map<String, Object> everyKind() {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("string", "Zoë 🚲 \"quoted\"");
        variables.put("integer", 42);
        variables.put("small", 5L);
        variables.put("big", 9_007_199_254_740_993L);
        variables.put("short", new Typed("Short", 7));
        variables.put("double", 0.1);
        variables.put("boolean", true);
        variables.put("date", new Typed("Date", "2026-01-02T03:04:05.678+0000"));
        variables.put("null", null);
        variables.put("json", new Typed("Json", "{\"amount\":100000000000000000.10,\"n\":9007199254740993}"));
        return variables;
    }

    private String start(String topic, Map<String, ?> variables) {
        Map<String, Object> all = new LinkedHashMap<>(variables);
        all.put("topic", topic);
        return engine.startProcess("one-task", UUID.randomUUID().toString(), all);
    }

    private static void gatewayAnswers(ResponseDefinitionBuilder answer) {
        MappingBuilder everything = any(anyUrl()).atPriority(1);
        StubMapping unused = Surroundings.GATEWAY.wireMock().stubFor(everything.willReturn(answer));
        assertThat(unused).isNotNull();
    }

    private void awaitEnd(String instance, String name) {
        await().atMost(SOON).untilAsserted(() -> assertThat(engine.endEvent(instance))
                .as(() -> "incidents " + engine.incidents(instance))
                .contains(name));
    }

    private JsonNode awaitFailure(String instance) {
        await().atMost(SOON).until(() -> task(instance).path("errorMessage").isTextual());
        return task(instance);
    }

    private JsonNode awaitIncident(String instance) {
        await().atMost(SOON).until(() -> !engine.incidents(instance).isEmpty());
        return engine.incidents(instance).get(0);
    }

    private JsonNode task(String instance) {
        return engine.externalTasks(instance).get(0);
    }

    private JsonNode value(String instance, String variable) {
        return engine.variables(instance).get(variable).path("value");
    }

    private static Duration heldBack(JsonNode task) {
        OffsetDateTime until =
                OffsetDateTime.parse(task.path("lockExpirationTime").asText(), ENGINE_DATE);
        return Duration.between(Instant.now(), until.toInstant());
    }
}
