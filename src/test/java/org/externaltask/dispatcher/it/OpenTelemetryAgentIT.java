package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.JavaProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dispatcher with the OpenTelemetry Java agent, as docs/observability.md says it. */
@Tag("any-engine")
class OpenTelemetryAgentIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Test
    void task_gateway_call_message_its_reception_and_what_the_engine_is_told_are_one_trace(@TempDir Path folder)
            throws Exception {
        Work.takes(Duration.ZERO);
        Path topics = Files.createDirectory(folder.resolve("topics"));
        copy(Path.of("src/test/resources/traces/msg_WorkAndNote.camel.yaml"), topics);
        copy(Path.of("src/test/resources/messages/msg_Noted.camel.yaml"), topics);
        try (JavaProcess dispatcher = JavaProcess.start(
                DispatcherApplication.class,
                folder.resolve("dispatcher.log"),
                Dispatcher.arguments(
                        "file:" + topics, Surroundings.ENGINE.baseUrl(), "localhost", Surroundings.BROKER.port()),
                "-javaagent:target/agent/opentelemetry-javaagent.jar",
                "-Dotel.service.name=external-task-dispatcher",
                "-Dotel.traces.exporter=logging-otlp",
                "-Dotel.metrics.exporter=none",
                "-Dotel.logs.exporter=none",
                "-Dotel.bsp.schedule.delay=200")) {
            dispatcher.awaitSaid("Started DispatcherApplication");
            String key = UUID.randomUUID().toString();
            String waiting = engine.startProcess("waits", key, Map.of());

            String instance = engine.startProcess("one-task", "B-1", Map.of("topic", "msg_WorkAndNote", "key", key));

            Work.awaitDone(instance);
            String trace = instance.replace("-", "");
            await().atMost(Work.SOON).untilAsserted(() -> {
                List<Span> spans = spans(dispatcher.log(), trace);
                Span task = one(spans, "msg_WorkAndNote process", "");
                Span gateway = one(spans, "POST", "/work");
                Span complete = one(spans, "POST", "/complete");
                Span sent = one(spans, "publish", "");
                Span received = spans.stream()
                        .filter(span -> span.name().equals("msg_Noted process")
                                && span.parent().equals(sent.id()))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(spans));
                Span told = one(spans, "POST", "/message");

                assertThat(List.of(gateway, complete, sent))
                        .extracting(Span::parent)
                        .containsOnly(task.id());
                assertThat(spans.stream()
                                .filter(span -> span.id().equals(told.parent()))
                                .findFirst())
                        .hasValueSatisfying(parent -> assertThat(parent.name()).isEqualTo(received.name()));
            });
            engine.cancel(waiting);
        }
    }

    private record Span(String name, String id, String parent, String address) {}

    private static Span one(List<Span> spans, String name, String address) {
        List<Span> found = spans.stream()
                .filter(span -> span.name().contains(name) && span.address().endsWith(address))
                .toList();
        assertThat(found).as(name + " " + address + " of " + spans).hasSize(1);
        return found.get(0);
    }

    private static List<Span> spans(String log, String trace) {
        return log.lines()
                .filter(line -> line.contains("OtlpJsonLoggingSpanExporter") && line.endsWith("}"))
                .map(line -> parse(line.substring(line.indexOf('{'))))
                .flatMap(json -> json.findValues("spans").stream())
                .flatMap(spans -> StreamSupport.stream(spans.spliterator(), false))
                .filter(span -> span.path("traceId").asText().equals(trace))
                .map(OpenTelemetryAgentIT::span)
                .toList();
    }

    private static Span span(JsonNode json) {
        String address = StreamSupport.stream(json.path("attributes").spliterator(), false)
                .filter(attribute -> attribute.path("key").asText().equals("url.full"))
                .map(attribute -> attribute.at("/value/stringValue").asText())
                .findFirst()
                .orElse("");
        return new Span(
                json.path("name").asText(),
                json.path("spanId").asText(),
                json.path("parentSpanId").asText(),
                address);
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path file, Path folder) throws IOException {
        Files.copy(file, folder.resolve(file.getFileName()));
    }
}
