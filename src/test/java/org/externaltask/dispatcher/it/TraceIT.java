package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.json.Json;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The trace that a task belongs to, and its names in the log lines. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "etd.routes=file:src/test/resources/topics")
@ExtendWith(OutputCaptureExtension.class)
@DirtiesContext
class TraceIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final EngineClient engine = Surroundings.ENGINE.client();

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        // The engine in this JVM starts first, and the log is set up once.
        System.setProperty("logging.structured.format.console", "ecs");
        Surroundings.connect(properties);
    }

    @BeforeEach
    void answer() {
        Surroundings.GATEWAY.wireMock().resetRequests();
        Surroundings.GATEWAY.wireMock().stubFor(any(anyUrl()).willReturn(okJson("{\"name\": \"a thing\"}")));
    }

    @AfterEach
    void reset() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    @Test
    void the_trace_of_the_process_goes_on_at_the_gateway() {
        start("B-1", Map.of("topic", "svc_Traced", "key", "K-1", "traceparent", GIVEN));

        assertThat(call().getHeader("traceparent")).isEqualTo(GIVEN);
    }

    @Test
    void a_process_without_a_trace_gets_one_with_the_id_of_its_instance() {
        String instance = start("B-2", Map.of("topic", "svc_Lookup", "key", "K-1"));

        assertThat(call().getHeader("traceparent")).matches("00-" + instance.replace("-", "") + "-[0-9a-f]{16}-01");
    }

    @Test
    void what_is_no_trace_context_is_not_handed_on() {
        String instance = start(
                "B-3",
                Map.of(
                        "topic",
                        "svc_Traced",
                        "key",
                        "K-1",
                        "traceparent",
                        "00-00000000000000000000000000000000-x\r\nX-Evil: 1"));

        assertThat(call().getHeader("traceparent")).startsWith("00-" + instance.replace("-", ""));
    }

    @Test
    void the_log_line_of_a_failure_is_json_that_names_the_task_and_has_no_variable_of_it(CapturedOutput output) {
        Surroundings.GATEWAY
                .wireMock()
                .stubFor(any(anyUrl()).willReturn(aResponse().withStatus(400)));
        String instance = start("B-4\n forged", Map.of("topic", "svc_Lookup", "key", "a-secret-value"));

        JsonNode line = await().atMost(SOON).until(() -> warning(output, instance), found -> found != null);

        assertThat(line.path("message").asText()).contains("svc_Lookup", "incident");
        assertThat(line.path("log").path("level").asText()).isEqualTo("WARN");
        assertThat(List.of("engine", "topic", "processInstanceId", "businessKey"))
                .extracting(key -> line.path(key).asText())
                .containsExactly("default", "svc_Lookup", instance, "B-4 forged");
        assertThat(line.path("message").asText()).contains(line.path("taskId").asText());
        assertThat(output.getAll()).doesNotContain("a-secret-value");
    }

    private static JsonNode warning(CapturedOutput output, String instance) {
        return output.getOut()
                .lines()
                .filter(line -> line.startsWith("{") && line.contains(instance) && line.contains("failed"))
                .map(line -> (JsonNode) Json.parse(line.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .findFirst()
                .orElse(null);
    }

    private String start(String businessKey, Map<String, ?> variables) {
        return engine.startProcess("one-task", businessKey, variables);
    }

    private static LoggedRequest call() {
        await().atMost(SOON).until(() -> !calls().isEmpty());
        return calls().get(0);
    }

    private static List<LoggedRequest> calls() {
        return Surroundings.GATEWAY.wireMock().findAll(anyRequestedFor(anyUrl()));
    }
}
