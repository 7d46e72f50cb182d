package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.JavaProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar that is shipped, run as people run it; all other tests run the classes. */
@Tag("any-engine")
class PackagedJarIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Test
    void the_jar_works_on_a_task_and_ends_on_sigterm(@TempDir Path folder) throws Exception {
        Work.takes(Duration.ZERO);
        try (JavaProcess dispatcher = JavaProcess.start(
                jar(), folder.resolve("dispatcher.log"), Dispatcher.arguments(Surroundings.ENGINE.baseUrl()))) {
            dispatcher.awaitSaid("Started DispatcherApplication");
            String instance = Work.start("svc_LongWork");

            await().atMost(Work.SOON).until(() -> engine.isEnded(instance));

            dispatcher.signal("TERM");
            assertThat(dispatcher.awaitExit()).as(dispatcher::log).isZero();
        }
    }

    @Test
    void structured_logs_name_the_task_in_fields_of_their_own_and_hold_no_variables(@TempDir Path folder)
            throws Exception {
        Work.takes(Duration.ZERO);
        Path topics = Files.createDirectory(folder.resolve("topics"));
        Files.copy(Path.of("src/test/resources/traces/svc_Logged.camel.yaml"), topics.resolve("svc_Logged.camel.yaml"));
        try (JavaProcess dispatcher = JavaProcess.start(
                jar(),
                folder.resolve("dispatcher.log"),
                Map.of("LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs"),
                Dispatcher.arguments(
                        "file:" + topics, Surroundings.ENGINE.baseUrl(), "localhost", Surroundings.BROKER.port()))) {
            dispatcher.awaitSaid("Started DispatcherApplication");
            String instance = engine.startProcess(
                    "one-task", "B-1\u001b[31m\r\nB-2", Map.of("topic", "svc_Logged", "key", "confidential"));
            String task = Work.taskId(instance);
            await().atMost(Work.SOON).until(() -> engine.isEnded(instance));
            dispatcher.signal("TERM");
            assertThat(dispatcher.awaitExit()).as(dispatcher::log).isZero();

            List<JsonNode> lines =
                    dispatcher.log().lines().map(PackagedJarIT::json).toList();
            assertThat(lines)
                    .filteredOn(line -> line.path("message").asText().equals("looked at it"))
                    .singleElement()
                    .satisfies(line -> {
                        assertThat(line.path("taskId").asText()).isEqualTo(task);
                        assertThat(line.path("topic").asText()).isEqualTo("svc_Logged");
                        assertThat(line.path("engine").asText()).isEqualTo("default");
                        assertThat(line.path("processInstanceId").asText()).isEqualTo(instance);
                        assertThat(line.path("businessKey").asText()).isEqualTo("B-1 [31m B-2");
                        assertThat(line.at("/log/level").asText()).isEqualTo("INFO");
                    });
            assertThat(lines)
                    .filteredOn(line -> line.path("message").asText().startsWith("stopped:"))
                    .singleElement()
                    .satisfies(line -> assertThat(line.has("taskId")).isFalse());
            assertThat(dispatcher.log()).doesNotContain("confidential");
        }
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(line, e);
        }
    }

    static Path jar() throws IOException {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target"), "external-task-dispatcher-*.jar")) {
            return jars.iterator().next();
        }
    }
}
