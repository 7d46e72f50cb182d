package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.externaltask.dispatcher.deploy.Manifest;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.FreePort;
import org.externaltask.dispatcher.sandbox.JavaProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the example for Kubernetes sets and asks, tried on a dispatcher and an engine. */
@Tag("any-engine")
class KubernetesIT {

    private static final Path FOLDER = Path.of("deploy/kubernetes");
    private static final Duration LATEST = Duration.ofSeconds(60);

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void a_dispatcher_takes_the_settings_of_the_example_and_answers_its_probes_without_a_login(@TempDir Path folder)
            throws Exception {
        int port = FreePort.find();
        Map<String, String> environment = environmentOfTheExample();
        assertThat(environment).containsKeys("ETD_ROUTES", "ETD_ENGINES_DEFAULT_BASEURL", "SERVER_ADDRESS");
        List<String> arguments = Dispatcher.arguments(
                "file:" + FOLDER.resolve("overlays/example/routes"),
                Surroundings.ENGINE.baseUrl(),
                "localhost",
                Surroundings.BROKER.port());
        arguments.remove("--server.port=0");
        arguments.addAll(List.of("--spring.rabbitmq.username=guest", "--spring.rabbitmq.password=guest"));
        environment.put("SERVER_PORT", String.valueOf(port));
        try (JavaProcess dispatcher =
                JavaProcess.start(PackagedJarIT.jar(), folder.resolve("dispatcher.log"), environment, arguments)) {
            dispatcher.awaitSaid("Started DispatcherApplication");

            JsonNode container = deployment().at("/spec/template/spec/containers/0");
            for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                String path = container.path(probe).at("/httpGet/path").asText();
                await(path).atMost(LATEST).until(() -> get(port, path, null).statusCode() == 200);
            }
            String metrics = deployment()
                    .at("/spec/template/metadata/annotations")
                    .path("prometheus.io/path")
                    .asText();
            assertThat(get(port, metrics, null).body()).contains("etd_");
            assertThat(get(port, "/actuator/etd", null).statusCode()).isEqualTo(401);
            assertThat(get(port, "/actuator/etd", "olga:" + environment.get("ETD_CONSOLE_USERS_OLGA_PASSWORD"))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void without_a_login_the_start_says_so_rather_than_fail_the_probes(@TempDir Path folder) throws Exception {
        Map<String, String> environment = environmentOfTheExample();
        environment.keySet().removeIf(name -> name.startsWith("ETD_CONSOLE_USERS_"));
        try (JavaProcess dispatcher = JavaProcess.start(
                PackagedJarIT.jar(),
                folder.resolve("dispatcher.log"),
                environment,
                List.of("--etd.routes=file:" + FOLDER.resolve("overlays/example/routes"), "--server.port=0"))) {
            assertThat(dispatcher.awaitExit()).as(dispatcher::log).isEqualTo(1);
            assertThat(dispatcher.log()).contains("etd.console.users");
        }
    }

    @Test
    void keda_gets_the_number_of_tasks_that_can_be_worked_on_from_the_engine() throws Exception {
        JsonNode trigger = StreamSupport.stream(
                        Manifest.in(FOLDER.resolve("components/keda/scaled-object.yaml"))
                                .get(0)
                                .content()
                                .at("/spec/triggers")
                                .spliterator(),
                        false)
                .filter(one -> one.path("type").asText().equals("metrics-api"))
                .findFirst()
                .orElseThrow()
                .path("metadata");
        String query = trigger.path("url").asText().replaceFirst(".*/engine-rest", "");
        String topic = "svc_Counted_" + UUID.randomUUID();
        String first = Work.start(topic);
        String second = Work.start(topic);

        URI address = URI.create(Surroundings.ENGINE.baseUrl() + query + "&topicName=" + topic);
        JsonNode two = json(http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString()));
        engine.put("/external-task/" + Work.taskId(first) + "/retries", Map.of("retries", 0));
        JsonNode one = json(http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString()));

        String location = trigger.path("valueLocation").asText();
        assertThat(two.path(location).asInt()).isEqualTo(2);
        assertThat(one.path(location).asInt())
                .as("an incident needs no replica")
                .isEqualTo(1);
        engine.cancel(first);
        engine.cancel(second);
    }

    /** As the pod of the example gets it. */
    private static Map<String, String> environmentOfTheExample() throws IOException {
        Map<String, String> environment = new HashMap<>();
        Path example = FOLDER.resolve("overlays/example");
        JsonNode settings = Manifest.in(example.resolve("kustomization.yaml"))
                .get(0)
                .content()
                .at("/configMapGenerator/0/literals");
        settings.forEach(literal -> {
            String[] parts = literal.asText().split("=", 2);
            environment.put(parts[0], parts[1]);
        });
        Properties credentials = new Properties();
        try (InputStream file = Files.newInputStream(example.resolve("credentials.env"))) {
            credentials.load(file);
        }
        credentials.forEach((name, value) -> environment.put(name.toString(), value.toString()));
        deployment()
                .at("/spec/template/spec/containers/0/env")
                .forEach(variable -> environment.put(
                        variable.path("name").asText(), variable.path("value").asText()));
        return environment;
    }

    private static JsonNode deployment() {
        return Manifest.in(FOLDER.resolve("base/deployment.yaml")).get(0).content();
    }

    private HttpResponse<String> get(int port, String path, String login) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        Stream.ofNullable(login)
                .map(text -> Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)))
                .forEach(basic -> request.header("Authorization", "Basic " + basic));
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return new ObjectMapper().readTree(answer.body());
    }
}
