package org.externaltask.dispatcher.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.FileSystemResource;

/** The manifests in {@code deploy/kubernetes}: that Kubernetes will take them, and that they fit what the dispatcher needs. */
class KubernetesTest {

    private static final Path FOLDER = Path.of("deploy/kubernetes");
    private static final Path EXAMPLE = FOLDER.resolve("overlays/example");
    private static final Path WITH_KEDA = FOLDER.resolve("overlays/example-keda");

    /** For what is not counted: hooks of the JVM, the line to the engine, the node that is busy. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    @ParameterizedTest
    @MethodSource("manifestFiles")
    void kubernetes_knows_all_fields_of(Path file) {
        assertThat(Manifest.in(file)).isNotEmpty().allSatisfy(manifest -> assertThat(manifest.complaints())
                .isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "base/deployment.yaml, readinessProbe, readynessProbe",
        "base/deployment.yaml, httpGet, httpget",
        "base/deployment.yaml, terminationGracePeriodSeconds, terminationGracePeriod",
        "base/deployment.yaml, readOnlyRootFilesystem, readOnlyRootFileSystem",
        "base/deployment.yaml, '  selector:', '  selectors:'",
        "base/deployment.yaml, apps/v1, apps/v1beta1",
        "base/service.yaml, targetPort, targetport",
        "base/pod-disruption-budget.yaml, maxUnavailable, maxUnavailble",
        "base/network-policy.yaml, egress, outgoing",
        "components/keda/scaled-object.yaml, minReplicaCount, minReplicas",
        "components/keda/scaled-object.yaml, valueLocation, valuePath",
        "components/keda/trigger-authentications.yaml, secretTargetRef, secretRef"
    })
    void a_slip_of_the_pen_is_found(Path file, String right, String wrong) throws IOException {
        String text = Files.readString(FOLDER.resolve(file));
        assertThat(text).contains(right);

        assertThat(Manifest.in(file.toString(), text.replace(right, wrong)).stream()
                        .flatMap(manifest -> manifest.complaints().stream()))
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"overlays/example", "overlays/example-keda"})
    void kustomize_makes_objects_of_the_examples_that_kubernetes_knows(String overlay) throws Exception {
        List<Manifest> objects = kustomize(FOLDER.resolve(overlay));

        assertThat(objects).allSatisfy(object -> assertThat(object.complaints()).isEmpty());
        assertThat(objects).allSatisfy(object -> assertThat(
                        object.content().at("/metadata/namespace").asText())
                .isEqualTo("etd"));
        assertThat(objects)
                .extracting(Manifest::kind)
                .contains(
                        "Deployment",
                        "Service",
                        "ServiceAccount",
                        "PodDisruptionBudget",
                        "NetworkPolicy",
                        "ConfigMap",
                        "Secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"overlays/example", "overlays/example-keda"})
    void what_the_objects_of_the_examples_name_is_there(String overlay) throws Exception {
        List<Manifest> objects = kustomize(FOLDER.resolve(overlay));
        List<String> configMaps = names(objects, "ConfigMap");
        List<String> secrets = names(objects, "Secret");
        Manifest deployment = only(objects, "Deployment");

        assertThat(texts(deployment.all("configMapRef"), "name")).isNotEmpty().isSubsetOf(configMaps);
        assertThat(texts(deployment.all("configMap"), "name"))
                .containsExactly("etd-routes")
                .isSubsetOf(configMaps);
        assertThat(texts(deployment.all("secretRef"), "name")).isNotEmpty().isSubsetOf(secrets);
        assertThat(names(objects, "ServiceAccount"))
                .contains(deployment
                        .content()
                        .at("/spec/template/spec/serviceAccountName")
                        .asText());

        JsonNode labels = deployment.content().at("/spec/template/metadata/labels");
        assertThat(List.of(
                        deployment.content().at("/spec/selector/matchLabels"),
                        only(objects, "Service").content().at("/spec/selector"),
                        only(objects, "PodDisruptionBudget").content().at("/spec/selector/matchLabels"),
                        only(objects, "NetworkPolicy").content().at("/spec/podSelector/matchLabels")))
                .allSatisfy(selector -> assertThat(selector).isEqualTo(labels));
    }

    @Test
    void keda_finds_what_it_scales_and_how_it_logs_in_and_nobody_else_sets_the_number_of_replicas() throws Exception {
        List<Manifest> objects = kustomize(WITH_KEDA);
        Manifest scaled = only(objects, "ScaledObject");
        Manifest deployment = only(objects, "Deployment");

        assertThat(scaled.content().at("/spec/scaleTargetRef/name").asText()).isEqualTo(deployment.name());
        assertThat(deployment.content().at("/spec").has("replicas")).isFalse();
        assertThat(texts(scaled.all("authenticationRef"), "name"))
                .hasSize(2)
                .isSubsetOf(names(objects, "TriggerAuthentication"));
        JsonNode secret = objects.stream()
                .filter(object ->
                        object.name().equals("etd-scaler") && object.kind().equals("Secret"))
                .findFirst()
                .orElseThrow()
                .content()
                .path("data");
        assertThat(objects.stream().filter(object -> object.kind().equals("TriggerAuthentication")))
                .flatExtracting(object -> texts(object.all("secretTargetRef").flatMap(KubernetesTest::items), "key"))
                .hasSize(3)
                .allMatch(secret::has);
    }

    @Test
    void the_probes_ask_the_port_that_the_dispatcher_listens_on_and_neither_start_nor_life_depends_on_an_engine() {
        JsonNode container = container();
        JsonNode port = container.path("ports").path(0);

        assertThat(port.path("containerPort").asInt()).isEqualTo(setting("server.port", Integer.class));
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            assertThat(container.path(probe).at("/httpGet/port").asText())
                    .isEqualTo(port.path("name").asText());
        }
        assertThat(container.at("/startupProbe/httpGet/path").asText()).isEqualTo("/actuator/health/liveness");
        assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/actuator/health/liveness");
        assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/actuator/health/readiness");
    }

    @Test
    void kubernetes_waits_for_a_stop_as_long_as_the_settings_allow_it_to_take() {
        assertThat(Duration.ofSeconds(
                        pod().path("terminationGracePeriodSeconds").asLong()))
                .isGreaterThanOrEqualTo(longestStop().plus(MARGIN));
    }

    @Test
    void compose_waits_for_a_stop_as_long_as_the_settings_allow_it_to_take() {
        JsonNode grace = Manifest.in(Path.of("docker-compose.yml"))
                .get(0)
                .content()
                .at("/services/dispatcher/stop_grace_period");

        assertThat(DurationStyle.detectAndParse(grace.asText()))
                .isGreaterThanOrEqualTo(longestStop().plus(MARGIN));
    }

    /** The rules of Kubernetes' pod security standard "restricted", and a file system that cannot be written. */
    @Test
    void the_pod_may_do_nothing_that_it_does_not_need() {
        JsonNode container = container();
        JsonNode security = container.path("securityContext");

        assertThat(pod().at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod().at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
        assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(pod().path("automountServiceAccountToken").asBoolean(true)).isFalse();
        assertThat(container.path("volumeMounts"))
                .anySatisfy(
                        mount -> assertThat(mount.path("mountPath").asText()).isEqualTo("/tmp"));
    }

    @Test
    void the_pod_and_the_image_agree_on_the_user() throws IOException {
        assertThat(Files.readString(Path.of("Dockerfile")))
                .contains("USER " + pod().at("/securityContext/runAsUser").asText() + ":"
                        + pod().at("/securityContext/runAsGroup").asText());
    }

    @Test
    void topic_files_are_mounted_as_a_folder_because_single_files_are_never_updated() {
        assertThat(container().path("volumeMounts"))
                .noneMatch(mount -> mount.has("subPath"))
                .anySatisfy(mount -> assertThat(environment("ETD_ROUTES"))
                        .contains("file:" + mount.path("mountPath").asText()));
        assertThat(environment("ETD_RELOAD_ENABLED")).contains("true");
    }

    @Test
    void the_topic_files_of_the_example_are_the_bundled_ones() throws IOException {
        List<Path> topics;
        try (Stream<Path> files = Files.list(EXAMPLE.resolve("routes"))) {
            topics = files.toList();
        }
        for (Path topic : topics) {
            Path bundled;
            try (Stream<Path> files = Files.walk(Path.of("src/main/resources/routes"))) {
                bundled = files.filter(file -> file.getFileName().equals(topic.getFileName()))
                        .findFirst()
                        .orElseThrow();
            }
            assertThat(topic).hasSameTextualContentAs(bundled);
            assertThat(Files.readString(EXAMPLE.resolve("kustomization.yaml")))
                    .contains("- routes/" + topic.getFileName());
        }
    }

    private static Stream<Path> manifestFiles() throws IOException {
        List<Path> found;
        try (Stream<Path> files = Files.walk(FOLDER)) {
            found = files.filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file -> !file.toString().endsWith(".camel.yaml"))
                    .filter(file -> !file.endsWith("kustomization.yaml"))
                    .sorted()
                    .toList();
        }
        return found.stream();
    }

    /** How long the tasks in work and the messages in progress may take to end. */
    private static Duration longestStop() {
        return DurationStyle.detectAndParse(setting("spring.lifecycle.timeout-per-shutdown-phase", String.class))
                .plusSeconds(setting("camel.main.shutdown-timeout", Integer.class));
    }

    private static <T> T setting(String key, Class<T> type) {
        try {
            List<PropertySource<?>> sources = new YamlPropertySourceLoader()
                    .load("application", new FileSystemResource("src/main/resources/application.yaml"));
            return type.cast(sources.get(0).getProperty(key));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static JsonNode pod() {
        return Manifest.in(FOLDER.resolve("base/deployment.yaml"))
                .get(0)
                .content()
                .at("/spec/template/spec");
    }

    private static JsonNode container() {
        return pod().path("containers").path(0);
    }

    private static Optional<String> environment(String name) {
        return items(container().path("env"))
                .filter(variable -> variable.path("name").asText().equals(name))
                .map(variable -> variable.path("value").asText())
                .findFirst();
    }

    private static List<String> names(List<Manifest> objects, String kind) {
        return objects.stream()
                .filter(object -> object.kind().equals(kind))
                .map(Manifest::name)
                .toList();
    }

    private static Manifest only(List<Manifest> objects, String kind) {
        List<Manifest> found =
                objects.stream().filter(object -> object.kind().equals(kind)).toList();
        assertThat(found).as(kind).hasSize(1);
        return found.get(0);
    }

    private static List<String> texts(Stream<JsonNode> nodes, String field) {
        return nodes.map(node -> node.path(field).asText()).toList();
    }

    private static Stream<JsonNode> items(JsonNode array) {
        List<JsonNode> items = new ArrayList<>();
        array.forEach(items::add);
        return items.stream();
    }

    private static List<Manifest> kustomize(Path overlay) throws IOException, InterruptedException {
        boolean there = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> new File(folder, "kubectl").canExecute());
        assumeTrue(
                there && kubectl("version", "--client").matches("(?s).*Kustomize Version: v([5-9]|\\d\\d).*"),
                "there is no kubectl with Kustomize 5 or later here");
        return Manifest.in(overlay.toString(), kubectl("kustomize", overlay.toString()));
    }

    private static String kubectl(String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Stream.concat(Stream.of("kubectl"), Stream.of(arguments))
                        .toList())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
