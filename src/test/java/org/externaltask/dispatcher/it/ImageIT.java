package org.externaltask.dispatcher.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.FreePort;
import org.externaltask.dispatcher.sandbox.JavaProcess;
import org.externaltask.dispatcher.sandbox.Jdk;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/**
 * What the Dockerfile says, done without Docker: the layers of the jar, the rehearsal, the start from them, and the health check.
 */
@Tag("any-engine")
class ImageIT {

    private static final String DOCKERFILE = read(Path.of("Dockerfile")).replaceAll("\\\\\\n\\s*", "");
    private static final String LAST_STAGE = DOCKERFILE.substring(DOCKERFILE.lastIndexOf("\nFROM "));

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Test
    void the_layers_of_the_image_are_all_layers_of_the_jar(@TempDir Path folder) throws Exception {
        List<Path> copied = layers(folder);

        try (Stream<Path> made = Files.list(folder.resolve("layers"))) {
            assertThat(copied).containsExactlyInAnyOrderElementsOf(made.toList());
        }
    }

    @Test
    void the_image_holds_what_a_rehearsal_taught_the_jvm_and_starts_a_dispatcher_from_it_that_writes_nothing_there(
            @TempDir Path folder) throws Exception {
        String version = first(LAST_STAGE, "(?<=FROM eclipse-temurin:)\\d+");
        Jdk jdk = Jdk.ofVersion(version)
                .orElseGet(
                        () -> abort("needs the JDK of the image, " + version + ", beside the one that runs the tests"));
        Path app = Files.createDirectory(folder.resolve("app"));
        for (Path layer : layers(folder)) {
            FileSystemUtils.copyRecursively(layer, app);
        }
        String path = jdk.java().getParent() + File.pathSeparator + System.getenv("PATH");
        shell(app, Map.of("PATH", path), first(LAST_STAGE, "(?m)(?<=^RUN --mount=type=tmpfs,target=/tmp )java .*$"));
        Map<String, Long> before = files(app);
        assertThat(before).as("dependencies, application and what was learnt").hasSizeGreaterThan(100);

        Work.takes(Duration.ZERO);
        int port = FreePort.find();
        Map<String, String> environment = new HashMap<>(Map.of("SERVER_PORT", String.valueOf(port)));
        Pattern.compile("(?m)^ENV (\\w+)=\"?([^\"\\n]*)\"?$")
                .matcher(LAST_STAGE)
                .results()
                .forEach(variable -> environment.put(variable.group(1), variable.group(2)));
        assertThat(environment.get("JAVA_TOOL_OPTIONS")).contains("-Djdk.serialFilter=!*");
        environment.put("JDK_JAVA_OPTIONS", "-XX:AOTMode=on"); // ends the JVM that cannot use what was learnt
        List<String> entryPoint = json(first(LAST_STAGE, "(?m)(?<=^ENTRYPOINT ).*$"));
        assertThat(entryPoint).startsWith("java", "-XX:AOTCache=app.aot");
        List<String> healthCheck = json(first(LAST_STAGE, "(?m)(?<=CMD )\\[.*]$"));
        List<String> arguments = Dispatcher.arguments(
                "file:" + Path.of("src/test/resources/leases").toAbsolutePath(),
                Surroundings.ENGINE.baseUrl(),
                "localhost",
                Surroundings.BROKER.port());
        arguments.remove("--server.port=0");
        try (JavaProcess dispatcher = JavaProcess.start(
                jdk,
                app,
                entryPoint.subList(1, entryPoint.size()),
                folder.resolve("dispatcher.log"),
                environment,
                arguments)) {
            dispatcher.awaitSaid("Started DispatcherApplication");
            assertThat(run(folder, environment, healthCheck)).isZero();
            String instance = Work.start("svc_LongWork");
            await().atMost(Work.SOON).until(() -> engine.isEnded(instance));
            dispatcher.signal("TERM");
            assertThat(dispatcher.awaitExit()).as(dispatcher::log).isZero();
        }
        assertThat(run(folder, environment, healthCheck))
                .as("nobody answers any more")
                .isNotZero();
        assertThat(files(app)).isEqualTo(before);
    }

    /** The layers that the image copies, made as the Dockerfile makes them. */
    private static List<Path> layers(Path folder) throws IOException, InterruptedException {
        Files.copy(PackagedJarIT.jar(), folder.resolve("app.jar"));
        shell(folder, Map.of(), first(DOCKERFILE, "java -Djarmode=tools [^&\\n]*"));
        return Pattern.compile("COPY --from=build /build/layers/([^/]+)/ \\./")
                .matcher(LAST_STAGE)
                .results()
                .map(layer -> folder.resolve("layers").resolve(layer.group(1)))
                .toList();
    }

    @Test
    void the_dockerfile_follows_the_usual_rules() {
        assertThat(Pattern.compile("(?m)^FROM (\\S+)")
                        .matcher(DOCKERFILE)
                        .results()
                        .map(image -> image.group(1)))
                .isNotEmpty()
                .allMatch(image -> image.matches("[^:]+:[^:]*\\d.*"), "says which version");
        assertThat(instructions("ADD")).as("COPY does it").isEmpty();
        assertThat(instructions("USER"))
                .as("a number, and not root's")
                .singleElement()
                .asString()
                .matches("[1-9]\\d*:[1-9]\\d*");
        assertThat(instructions("ENTRYPOINT"))
                .as("without a shell in between, which would get the signals")
                .singleElement()
                .asString()
                .startsWith("[");
        assertThat(instructions("HEALTHCHECK")).hasSize(1);
        assertThat(instructions("EXPOSE")).containsExactly("8090");
        assertThat(Stream.concat(instructions("ENV").stream(), instructions("ARG").stream()))
                .as("what is set stays readable in the image")
                .noneMatch(text -> text.matches("(?i).*(password|secret|token).*"));
        Pattern.compile("(?m)^COPY ([^-\\n]*) \\S+$")
                .matcher(DOCKERFILE)
                .results()
                .flatMap(copy -> Stream.of(copy.group(1).split(" ")))
                .forEach(source -> assertThat(Path.of(source)).exists());
    }

    private static List<String> instructions(String name) {
        return Pattern.compile("(?m)^" + name + "\\s+(.*)$")
                .matcher(LAST_STAGE)
                .results()
                .map(instruction -> instruction.group(1))
                .toList();
    }

    private static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("'%s' in the Dockerfile", pattern).isTrue();
        MatchResult found = matcher.toMatchResult();
        return found.group();
    }

    private static List<String> json(String array) throws IOException {
        return new ObjectMapper().readValue(array, new TypeReference<>() {});
    }

    private static void shell(Path folder, Map<String, String> environment, String command)
            throws IOException, InterruptedException {
        assertThat(run(folder, environment, List.of("sh", "-c", command)))
                .as(command)
                .isZero();
    }

    private static int run(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("command.log").toFile());
        builder.environment().putAll(environment);
        return builder.start().waitFor();
    }

    private static Map<String, Long> files(Path folder) throws IOException {
        Map<String, Long> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                found.put(
                        folder.relativize(file).toString(),
                        Files.getLastModifiedTime(file).toMillis());
            }
        }
        return found;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
