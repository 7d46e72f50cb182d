package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.json.Json;
import org.externaltask.dispatcher.sandbox.Jdk;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --etd.broker.print-definitions=true}, as an operator runs it: with neither engine nor broker to be reached. */
@Tag("any-engine")
class PrintDefinitionsIT {

    private static final Path DEPLOYED = Path.of("deploy/rabbitmq/definitions.json");

    @TempDir
    private Path folder;

    @Test
    void what_the_bundled_routes_need_is_what_is_deployed() throws Exception {
        JsonNode printed = print("--etd.engines.default.base-url=http://localhost:1/engine-rest");

        JsonNode deployed = Json.parse(Files.readAllBytes(DEPLOYED));
        for (String kind : List.of("exchanges", "queues", "bindings")) {
            List<JsonNode> ours = list(deployed.path(kind)).stream()
                    .filter(object -> !object.toString().contains("order-system.")) // another system's own
                    .toList();
            assertThat(list(printed.path(kind)))
                    .as("%s; run the jar with --etd.broker.print-definitions=true and correct %s", kind, DEPLOYED)
                    .containsExactlyInAnyOrderElementsOf(ours);
        }
    }

    private JsonNode print(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Jdk.ofThisProcess().java().toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                DispatcherApplication.class.getName(),
                "--etd.broker.print-definitions=true",
                "--etd.gateways.default.base-url=http://localhost:1",
                "--spring.rabbitmq.port=1"));
        Stream.of(arguments).forEach(command::add);
        Path out = folder.resolve("out.json");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
        assertThat(process.waitFor()).as(() -> read(out)).isZero();
        return Json.parse(Files.readAllBytes(out));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }
}
