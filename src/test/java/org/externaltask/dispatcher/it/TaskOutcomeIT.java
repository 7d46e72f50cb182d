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
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
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

    @Test
    void a_transient_output_is_there_for_the_next_step_and_stored_nowhere() {
        String instance = engine.startProcess(
                "hands-on", UUID.randomUUID().toString(), Map.of("topic", "svc_Transient", "key", "K-1"));

        awaitEnd(instance, "Seen");
        assertThat(value(instance, "ticket").asText()).isEqualTo("T-K-1");
        assertThat(engine.variables(instance)).doesNotContainKey("token");
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
    void hostile_text_and_odd_names_survive_a_route_that_writes_back_what_it_read() {
        Map<String, Object> variables = new LinkedHashMap<>();
        List.of(
                        "{{etd.routes}}",
                        "${env.HOME}",
                        "RAW(x)",
                        "#bean:camelContext",
                        "1?httpMethod=DELETE",
                        "../admin",
                        "@host/",
                        "a\r\nX-Evil: 1",
                        "\"; \\u0000 </script>",
                        "\u202e\u2028 😀")
                .forEach(text -> variables.put("text" + variables.size(), text));
        for (String name : List.of("a.b", "a[0]", "$.x", "with space", "${x}", "日本", "-", "n".repeat(255))) {
            variables.put(name, "named");
        }
        variables.put("json text", new Typed("Json", "[\"{\\\"a\\\": 1}\",0.10,1E+400,9223372036854775808]"));
        variables.put("xml", new Typed("Xml", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"));
        variables.put("scan", new Typed("Bytes", "aGVsbG8="));
        variables.put("lowest", Long.MIN_VALUE);
        variables.put("smallest", Double.MIN_VALUE);

        String instance = start("svc_Add", variables);
        Map<String, JsonNode> before = engine.variables(instance);
        awaitEnd(instance, "Done");

        Map<String, JsonNode> after = engine.variables(instance);
        before.forEach((name, variable) -> {
            assertThat(after.get(name).path("type")).as(name).isEqualTo(variable.path("type"));
            assertThat(after.get(name).path("value")).as(name).isEqualTo(variable.path("value"));
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"x": 9223372036854775807}                    | Long    | 9223372036854775807
            {"x": 9223372036854775808}                    | Json    | 9223372036854775808
            {"x": 0.1}                                    | Double  | 0.1
            {"x": 1e400}                                  | Json    | 1E+400
            {"x": 12345678901234567890.123456789012345678}| Json    | 12345678901234567890.123456789012345678
            {"x": "{{etd.routes}}"}                       | String  | {{etd.routes}}
            {"x": {"{{k}}": "${v}"}}                      | Json    | {"{{k}}":"${v}"}
            {"x": null}                                   | Null    | null
            """)
    void a_value_arrives_in_the_engine_as_the_route_has_it(String json, String type, String value) {
        String instance = start("svc_Writes", Map.of("json", json));

        awaitEnd(instance, "Done");
        assertThat(engine.variables(instance).get("x").path("type").asText()).isEqualTo(type);
        assertThat(engine.variables(instance).get("x").path("value").asText()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"x": "a\\u0000b"}     | svc_Writes: Variable 'x' holds a NUL character
            {"x": "\\ud800"}       | svc_Writes: Variable 'x' holds half of a surrogate pair
            {"": 1}                | svc_Writes: Variable '' has an empty name
            ["s3cret"]             | svc_Writes: the route ended with a JSON array as its body
            s3cret                 | svc_Writes: the route ended with text that is no JSON as its body
            NaN                    | svc_Writes: the route ended with text that is no JSON as its body
            """)
    void a_value_that_the_engine_could_not_hold_is_an_incident_that_does_not_quote_it(String json, String message) {
        JsonNode incident = awaitIncident(start("svc_Writes", Map.of("json", json)));

        assertThat(incident.path("incidentMessage").asText())
                .startsWith(message)
                .doesNotContain("s3cret");
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
