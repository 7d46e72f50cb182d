package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.RawPeer;
import org.externaltask.dispatcher.sandbox.RawPeer.Behaviour;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * Whatever a gateway may answer, and what the engine then shows. Each row has a gateway and a topic of its own, and all of them are
 * at work at once; afterwards nothing of what went through may be in the log.
 */
@SpringBootTest(classes = DispatcherApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("any-engine")
class GatewayAnswersIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final DateTimeFormatter ENGINE_DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ");
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.RFC_1123_DATE_TIME;

    /** Part of every variable, body and header that goes through. */
    private static final String DATA = "data-of-the-process";

    private static final String ECHO = "403 that repeats the request";
    private static final String TOKEN = "t0ken-of-the-gateway";

    /** What the topics' retryBackoff says, with its jitter. */
    private static final Range BACKOFF = new Range(48, 72);

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final List<Row> ROWS = rows();
    private static final Map<String, RawPeer> PEERS = new LinkedHashMap<>();

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final Map<Row, String> instances = new LinkedHashMap<>();

    /** Seconds until the engine offers the task again. */
    private record Range(int from, int to) {}

    /** What the engine shows in the end. */
    private sealed interface Outcome {}

    /** @param variable a variable that the task has written, and its value; empty when it writes none */
    private record Completed(String variable, String value) implements Outcome {}

    private record BpmnError(String message) implements Outcome {}

    private record Retry(String message, Range after) implements Outcome {}

    private record Incident(String message) implements Outcome {}

    /**
     * @param topic the name of its topic and of its gateway
     * @param name what the gateway does
     * @param answer what an HTTP server answers; null when it is none
     * @param behaviour what a peer does that is no HTTP server; null otherwise
     * @param scheme how the gateway is addressed
     * @param options of the call
     * @param calls how often the gateway is called until the task's first outcome
     */
    private record Row(
            String topic,
            String name,
            ResponseDefinitionBuilder answer,
            Behaviour behaviour,
            String scheme,
            List<String> options,
            int calls,
            Outcome outcome) {

        /** The beginning of every message about the call. */
        static final String CALL = "POST /things on gateway ";

        Row with(String option, int expectedCalls) {
            List<String> more =
                    Stream.concat(options.stream(), Stream.of(option)).toList();
            return new Row(topic, name, answer, behaviour, scheme, more, expectedCalls, outcome);
        }

        Row over(String other) {
            return new Row(topic, name, answer, behaviour, other, options, calls, outcome);
        }

        String message(String what) {
            return topic + ": " + CALL + topic + " " + what;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        String json = "{\"name\": \"" + DATA + "\"}";
        rows.add(http("200 with nothing", aResponse(), completed()));
        rows.add(http("200 with JSON", okJson(json), new Completed("name", DATA)));
        rows.add(http(
                "200 with text",
                answer(200, "text/plain", DATA),
                incident("answered 200 with text/plain, expected JSON or an empty body")));
        rows.add(http(
                "200 with HTML",
                answer(200, "text/html", "<p>" + DATA),
                incident("answered 200 with text/html, expected JSON or an empty body")));
        rows.add(http(
                "200 with XML",
                answer(200, "application/xml", "<a>" + DATA + "</a>"),
                incident("answered 200 with application/xml, expected JSON or an empty body")));
        rows.add(
                http(
                        "200 with an array",
                        okJson("[\"" + DATA + "\"]"),
                        incident(
                                "the route ended with a JSON array as its body; expected a JSON object of the variables to write, or nothing: map it with jq, or set an empty body")));
        rows.add(http(
                "200 with half of its JSON",
                answer(200, "application/json", "{\"name\": \"" + DATA),
                incident("answered 200 with invalid JSON (line 1, column 30)")));
        rows.add(http(
                "200 with more than its JSON",
                answer(200, "application/json", json + " " + DATA),
                incident("answered 200 with invalid JSON (line 1, column 33)")));
        rows.add(
                http(
                        "200 with 10 MB",
                        okJson("\"" + "x".repeat(10 * 1024 * 1024) + "\""),
                        incident(
                                "answered 200 with more than 10485760 bytes: ask for less, or raise etd.gateways.{topic}.max-response-bytes")));
        rows.add(http(
                "200 that says error in its body",
                okJson("{\"error\": \"sold out\"}"),
                new Completed("error", "sold out")));
        rows.add(http(
                "201 with a location",
                answer(201, "application/json", json).withHeader("Location", "http://elsewhere.example/" + DATA),
                new Completed("name", DATA)));
        rows.add(http("202, accepted and not done", aResponse().withStatus(202), completed()));
        rows.add(http("204", aResponse().withStatus(204), completed()));
        rows.add(http("206, a part", answer(206, "application/json", json), new Completed("name", DATA)));
        for (int status : new int[] {301, 302, 307, 308}) {
            rows.add(http(
                    status + " to another host",
                    aResponse().withStatus(status).withHeader("Location", "http://elsewhere.example/" + DATA),
                    incident("answered " + status)));
        }
        rows.add(http(
                "400 that says why",
                answer(400, "application/problem+json", "{\"title\": \"" + DATA + "\"}"),
                incident("answered 400")));
        for (int status : new int[] {401, 403, 409, 410, 413, 418, 422}) {
            rows.add(http(String.valueOf(status), answer(status, "text/html", DATA), incident("answered " + status)));
        }
        rows.add(http(
                ECHO,
                answer(403, "text/plain", "you sent Bearer " + TOKEN + " and " + DATA),
                incident("answered 403")));
        rows.add(http(
                "404 that the topic knows as a BPMN error",
                answer(404, "text/html", DATA),
                new BpmnError("answered 404")));
        for (int status : new int[] {408, 425, 429, 500, 502, 503, 504}) {
            rows.add(http(String.valueOf(status), answer(status, "text/html", DATA), retry("answered " + status)));
        }
        rows.add(http(
                "429 that asks for 240 seconds",
                aResponse().withStatus(429).withHeader("Retry-After", "240"),
                new Retry("answered 429", new Range(240, 240))));
        rows.add(http(
                "503 that asks for time until a date",
                aResponse()
                        .withStatus(503)
                        .withHeader(
                                "Retry-After",
                                HTTP_DATE.format(
                                        OffsetDateTime.now(ZoneOffset.UTC).plusHours(2))),
                new Retry("answered 503", new Range(600, 600))));
        rows.add(http(
                "429 that asks for less than no time",
                aResponse().withStatus(429).withHeader("Retry-After", "-5"),
                retry("answered 429")));
        rows.add(http(
                "429 that asks for eleven days",
                aResponse().withStatus(429).withHeader("Retry-After", "999999"),
                new Retry("answered 429", new Range(600, 600))));
        rows.add(http(
                "429 that asks for nothing readable",
                aResponse().withStatus(429).withHeader("Retry-After", "soon"),
                retry("answered 429")));
        rows.add(http(
                "an answer with Camel's headers",
                okJson(json)
                        .withHeader("CamelHttpUri", "http://elsewhere.example/")
                        .withHeader("CAMELHTTPPATH", "/admin")
                        .withHeader("X-Data", DATA),
                new Completed("name", DATA)));
        rows.add(http(
                        "F18: an answer that is too late, when the work is done",
                        okJson(json).withFixedDelay(3_000),
                        retry("did not answer within 1 s"))
                .with("timeout: 1s", 1));
        rows.add(http(
                        "F18: too late for a call that may be repeated",
                        okJson(json).withFixedDelay(3_000),
                        retry("did not answer within 1 s"))
                .with("timeout: 1s", 1)
                .with("idempotent: true", 2));
        rows.add(raw(
                        "headers that stop halfway",
                        RawPeer.hangsAfter("HTTP/1.1 200 OK\r\nContent-"),
                        retry("did not answer within 1 s"))
                .with("timeout: 1s", 1));
        rows.add(raw(
                        "headers that drip",
                        RawPeer.dripsAfter("HTTP/1.1 200 OK\r\nX-Data: ", 'x'),
                        retry("did not answer within 1 s"))
                .with("timeout: 1s", 1));
        rows.add(raw(
                        "a body that drips",
                        RawPeer.dripsAfter("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", ' '),
                        retry("did not answer within 1 s"))
                .with("timeout: 1s", 1));
        rows.add(raw(
                        "silence after the headers",
                        RawPeer.hangsAfter(
                                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"),
                        retry("did not answer within 1 s"))
                .with("timeout: 1s", 1));
        rows.add(raw("silence", RawPeer.hangsAfter(""), retry("did not answer within 1 s"))
                .with("timeout: 1s", 1));
        rows.add(raw(
                "a connection that breaks",
                RawPeer.writes(""),
                retry("was broken off before the answer was complete")));
        rows.add(raw(
                "headers of 1 MB",
                RawPeer.writes("HTTP/1.1 200 OK\r\nX-Data: " + DATA.repeat(60_000) + "\r\nContent-Length: 0\r\n\r\n"),
                retry("failed: the head of the answer is too large")));
        rows.add(raw(
                "headers without end",
                out -> {
                    RawPeer.writes("HTTP/1.1 200 OK\r\n").answer(out);
                    while (true) {
                        RawPeer.writes("X-Data: " + DATA + "\r\n").answer(out);
                    }
                },
                retry("failed: the head of the answer is too large")));
        rows.add(raw(
                "two content types",
                RawPeer.writes(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Type: text/html\r\nContent-Length: "
                                + json.length() + "\r\n\r\n" + json),
                new Completed("name", DATA)));
        rows.add(raw(
                        "no TLS where TLS is expected",
                        RawPeer.writes("HTTP/1.1 400 Bad Request\r\n\r\n"),
                        retry("could not be reached: no secure connection (certificate or TLS version)"))
                .over("https"));
        return rows;
    }

    private static Row http(String name, ResponseDefinitionBuilder answer, Outcome outcome) {
        return new Row("svc_Row" + NUMBER.incrementAndGet(), name, answer, null, "http", List.of(), 1, outcome);
    }

    private static Row raw(String name, Behaviour behaviour, Outcome outcome) {
        return new Row("svc_Row" + NUMBER.incrementAndGet(), name, null, behaviour, "http", List.of(), 1, outcome);
    }

    private static ResponseDefinitionBuilder answer(int status, String contentType, String body) {
        return aResponse()
                .withStatus(status)
                .withHeader("Content-Type", contentType)
                .withBody(body);
    }

    private static Outcome completed() {
        return new Completed("", "");
    }

    private static Outcome retry(String message) {
        return new Retry(message, BACKOFF);
    }

    private static Outcome incident(String message) {
        return new Incident(message);
    }

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) throws IOException {
        Surroundings.connect(properties);
        Path topics = Files.createTempDirectory("gateway-answers");
        properties.add("etd.routes", () -> "file:" + topics);
        for (Row row : ROWS) {
            String baseUrl = row.scheme() + baseUrl(row).substring("http".length());
            properties.add("etd.gateways." + row.topic() + ".base-url", () -> baseUrl);
            properties.add("etd.gateways." + row.topic() + ".authentication.bearer-token", () -> TOKEN);
            Files.writeString(topics.resolve(row.topic() + ".camel.yaml"), """
                    - route:
                        id: %1$s
                        from:
                          uri: external-task:%1$s
                          parameters:
                            variables: key
                            bpmnErrors: 404=NOT_FOUND
                            retryBackoff: 1m
                          steps:
                            - to:
                                uri: kamelet:call-gateway
                                parameters:
                                  gateway: %1$s
                                  path: /things
                    %2$s
                    """.formatted(
                            row.topic(), String.join("\n", row.options()).indent(14)));
        }
        Files.writeString(topics.resolve("svc_Mapping.camel.yaml"), """
                - route:
                    id: svc_Mapping
                    from:
                      uri: external-task:svc_Mapping
                      parameters:
                        variables: key
                      steps:
                        - transform:
                            expression:
                              jq:
                                expression: "{ sum: (.key - 1) }"
                """);
        Files.writeString(topics.resolve("msg_Mapping.camel.yaml"), """
                - route:
                    id: msg_Mapping
                    routeConfigurationId: message-errors
                    from:
                      uri: spring-rabbitmq:default
                      parameters:
                        queues: gateway-answers
                      steps:
                        - transform:
                            expression:
                              jq:
                                expression: "{ sum: (.key - 1) }"
                """);
    }

    private static String baseUrl(Row row) throws IOException {
        if (row.behaviour() == null) {
            Surroundings.GATEWAY
                    .wireMock()
                    .stubFor(any(urlPathEqualTo("/" + row.topic() + "/things")).willReturn(row.answer()));
            return Surroundings.GATEWAY.baseUrl() + "/" + row.topic();
        }
        RawPeer peer = new RawPeer(row.behaviour());
        PEERS.put(row.topic(), peer);
        return peer.url();
    }

    @BeforeAll
    void start() {
        ROWS.forEach(row -> instances.put(row, start(row.topic())));
    }

    @AfterAll
    static void stop() throws IOException {
        for (RawPeer peer : PEERS.values()) {
            peer.close();
        }
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    private String start(String topic) {
        return engine.startProcess(
                "one-task", UUID.randomUUID().toString(), Map.of("topic", topic, "key", DATA + " {{secret}}"));
    }

    static Stream<Row> gateways() {
        return ROWS.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("gateways")
    void an_answer_has_its_outcome(Row row) {
        String instance = instances.get(row);
        await().atMost(SOON).until(() -> engine.isEnded(instance) || failed(instance));

        if (row.outcome() instanceof Completed completed) {
            assertThat(engine.endEvent(instance)).as(() -> tasks(instance)).contains("Done");
            Map<String, JsonNode> variables = engine.variables(instance);
            if (completed.variable().isEmpty()) {
                assertThat(variables).containsOnlyKeys("topic", "key");
            } else {
                assertThat(variables.get(completed.variable()).path("value").asText())
                        .isEqualTo(completed.value());
            }
        } else if (row.outcome() instanceof BpmnError error) {
            assertThat(engine.endEvent(instance)).as(() -> tasks(instance)).contains("Not found");
            assertThat(engine.variables(instance).get("message").path("value").asText())
                    .isEqualTo(Row.CALL + row.topic() + " " + error.message());
        } else if (row.outcome() instanceof Retry retry) {
            assertThat(failure(instance).path("errorMessage").asText()).isEqualTo(row.message(retry.message()));
            assertThat(engine.externalTasks(instance).get(0).path("retries").asInt())
                    .isEqualTo(2);
            assertThat(heldBack(instance).toSeconds())
                    .isBetween(
                            (long) retry.after().from() - 1,
                            (long) retry.after().to() + 1);
        } else if (row.outcome() instanceof Incident incident) {
            String message = incident.message().startsWith("the route")
                    ? row.topic() + ": " + incident.message()
                    : row.message(incident.message());
            assertThat(engine.incidents(instance)).hasSize(1);
            assertThat(engine.incidents(instance).get(0).path("incidentMessage").asText())
                    .isEqualTo(message.replace("{topic}", row.topic()));
        }
        assertThat(calls(row)).isEqualTo(row.calls());
    }

    @Test
    void credentials_that_a_gateway_repeats_in_its_answer_are_masked_in_the_details_of_the_failure() {
        Row echo =
                ROWS.stream().filter(row -> row.name().equals(ECHO)).findFirst().orElseThrow();
        await().atMost(SOON).until(() -> failed(instances.get(echo)));

        String log = failure(instances.get(echo)).path("id").asText();
        assertThat(engine.text("/history/external-task-log/" + log + "/error-details"))
                .isEqualTo("you sent Bearer *** and " + DATA);
    }

    @Test
    void nothing_of_variables_bodies_headers_and_credentials_is_in_the_log(
            @Autowired ConnectionFactory connections, CapturedOutput log) {
        String mapping = start("svc_Mapping");
        await().atMost(SOON).until(() -> failed(mapping));
        RabbitTemplate sender = new RabbitTemplate(connections);
        await().atMost(SOON).until(() -> new RabbitAdmin(connections).getQueueInfo("gateway-answers") != null);
        new RabbitAdmin(connections).purgeQueue("etd.parked");
        sender.convertAndSend("gateway-answers", "{\"key\": \"" + DATA + "\"}", message -> {
            message.getMessageProperties().setHeader("etd-business-key", DATA);
            return message;
        });
        assertThat(sender.receive("etd.parked", SOON.toMillis())).isNotNull();
        for (String instance : instances.values()) {
            await().atMost(SOON).until(() -> engine.isEnded(instance) || failed(instance));
        }

        assertThat(log)
                .contains("svc_Mapping failed, incident", "svc_Row1")
                .doesNotContain(DATA)
                .doesNotContain(TOKEN);
    }

    private boolean failed(String instance) {
        return !engine.list("/history/external-task-log?failureLog=true&processInstanceId=" + instance)
                .isEmpty();
    }

    private JsonNode failure(String instance) {
        return engine.list("/history/external-task-log?failureLog=true&processInstanceId=" + instance)
                .get(0);
    }

    private String tasks(String instance) {
        return "tasks " + engine.externalTasks(instance);
    }

    private int calls(Row row) {
        return row.behaviour() == null
                ? Surroundings.GATEWAY
                        .wireMock()
                        .countRequestsMatching(anyRequestedFor(urlPathEqualTo("/" + row.topic() + "/things"))
                                .build())
                        .getCount()
                : PEERS.get(row.topic()).connections();
    }

    /** How long the engine keeps the task back after its failure, by the engine's own clock. */
    private Duration heldBack(String instance) {
        return Duration.between(
                date(failure(instance).path("timestamp").asText()),
                date(engine.externalTasks(instance)
                        .get(0)
                        .path("lockExpirationTime")
                        .asText()));
    }

    private static OffsetDateTime date(String text) {
        return OffsetDateTime.parse(text, ENGINE_DATE);
    }
}
