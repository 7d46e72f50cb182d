package org.externaltask.dispatcher.reload;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Route;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.externaltask.dispatcher.reload.ReloadApplication.Gate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;

@ExtendWith(OutputCaptureExtension.class)
class HotReloadTest {

    @TempDir
    Path folder;

    private ConfigurableApplicationContext application;
    private CamelContext camel;

    @BeforeEach
    void start_with_one_topic() throws IOException {
        save("svc_A", answering("svc_A", "one"));
        application = ReloadApplication.start(folder, "--etd.reload.enabled=true");
        camel = application.getBean(CamelContext.class);
        await().untilAsserted(() -> assertThat(ask("svc_A")).isEqualTo("one"));
    }

    @AfterEach
    void stop() {
        application.getBean(Gate.class).opened.countDown();
        application.close();
    }

    @Test
    void a_new_file_is_live_in_about_a_second(CapturedOutput log) throws IOException {
        save("svc_B", answering("svc_B", "new"));

        assertThat(secondsUntil(() -> "new".equals(ask("svc_B")))).isLessThan(2);
        assertThat(topics()).containsExactlyInAnyOrder("svc_A", "svc_B");
        await().untilAsserted(
                        () -> assertThat(log).contains("svc_B: loaded (" + folder.resolve("svc_B.camel.yaml") + ")"));
    }

    @Test
    void an_edit_is_live_in_about_a_second_under_the_same_id(CapturedOutput log) throws IOException {
        save("svc_A", answering("svc_A", "two"));

        assertThat(secondsUntil(() -> "two".equals(ask("svc_A")))).isLessThan(2);
        await().untilAsserted(() -> assertThat(log).contains("svc_A: replaced ("));
        assertThat(ids()).containsExactlyInAnyOrder("echo", "svc_A");
    }

    @Test
    void an_edit_that_leaves_size_and_time_as_they_were_is_noticed() throws IOException {
        Path file = folder.resolve("svc_A.camel.yaml");
        FileTime before = Files.getLastModifiedTime(file);
        save("svc_A", answering("svc_A", "eno"));
        Files.setLastModifiedTime(file, before);

        await().untilAsserted(() -> assertThat(ask("svc_A")).isEqualTo("eno"));
    }

    @Test
    void a_file_in_a_new_sub_folder_is_noticed_and_may_move() throws IOException {
        Path service = Files.createDirectories(folder.resolve("team/service"));
        Path file = Files.writeString(service.resolve("svc_B.camel.yaml"), answering("svc_B", "deep"));
        await().untilAsserted(() -> assertThat(ask("svc_B")).isEqualTo("deep"));

        Files.move(file, folder.resolve("svc_B.camel.yaml"));

        await().untilAsserted(
                        () -> assertThat(application.getBean(TopicRoutes.class).files())
                                .extracting(TopicFile::path)
                                .containsExactly(file("svc_A"), file("svc_B")));
        assertThat(ask("svc_B")).isEqualTo("deep");
        assertThat(ids()).containsExactlyInAnyOrder("echo", "svc_A", "svc_B");
    }

    @Test
    void a_removed_file_unsubscribes_its_topic(CapturedOutput log) throws IOException {
        Files.delete(folder.resolve("svc_A.camel.yaml"));

        await().untilAsserted(() -> assertThat(topics()).isEmpty());
        await().untilAsserted(() -> assertThat(ids()).containsExactly("echo"));
        assertThat(log).contains("svc_A: removed (");
    }

    @Test
    void a_renamed_topic_leaves_no_zombie() throws IOException {
        Files.delete(folder.resolve("svc_A.camel.yaml"));
        save("svc_B", answering("svc_B", "renamed"));

        await().untilAsserted(() -> assertThat(topics()).containsExactly("svc_B"));
        await().untilAsserted(() -> assertThat(ids()).containsExactlyInAnyOrder("echo", "svc_B"));
    }

    @Test
    void a_broken_file_is_refused_once_while_its_old_route_and_other_changes_work(CapturedOutput log)
            throws IOException {
        save("svc_A", answering("svc_A", "broken").replace("transform:", "transfrom:"));
        save("svc_B", answering("svc_B", "fine"));

        await().untilAsserted(() -> assertThat(ask("svc_B")).isEqualTo("fine"));
        assertThat(ask("svc_A")).isEqualTo("one");
        await().until(() -> status().refused().containsKey(file("svc_A")));
        assertThat(status().refused().get(file("svc_A"))).startsWith("line 6, column 11: Unknown node id: transfrom");

        save("svc_B", answering("svc_B", "finer"));
        await().untilAsserted(() -> assertThat(ask("svc_B")).isEqualTo("finer"));
        assertThat(log.toString().lines().filter(line -> line.contains("is refused")))
                .singleElement()
                .asString()
                .contains("ERROR", file("svc_A"), "the version before works on", "line 6, column 11");
    }

    @Test
    void a_mended_file_recovers() throws IOException {
        save("svc_A", answering("svc_A", "broken").replace("steps:", "\tsteps:"));
        await().until(() -> status().refused().containsKey(file("svc_A")));

        save("svc_A", answering("svc_A", "mended"));

        await().untilAsserted(() -> assertThat(ask("svc_A")).isEqualTo("mended"));
        await().untilAsserted(() -> assertThat(status().refused()).isEmpty());
    }

    @Test
    void a_wrong_option_is_refused_before_the_old_route_is_touched() throws IOException {
        save("svc_A", answering("svc_A", "broken").replace("topic:svc_A", "topic:svc_A?maxConcurrent=0"));

        await().until(() -> status().refused().containsKey(file("svc_A")));
        assertThat(status().refused().get(file("svc_A")))
                .contains("maxConcurrent of topic svc_A is 0; write 1 or more");
        assertThat(ask("svc_A")).isEqualTo("one");
        assertThat(camel.getRoute("svc_A").getUptimeMillis()).isPositive();
    }

    @Test
    void a_refused_file_that_is_removed_is_forgotten_and_its_route_goes() throws IOException {
        save("svc_A", "- route:");
        await().until(() -> status().refused().containsKey(file("svc_A")));

        Files.delete(folder.resolve("svc_A.camel.yaml"));

        await().untilAsserted(() -> assertThat(status().refused()).isEmpty());
        assertThat(topics()).isEmpty();
    }

    @Test
    void a_second_file_for_a_topic_is_taken_up_when_the_first_one_goes() throws IOException {
        save("svc_B", answering("svc_B", "late").replace("topic:svc_B", "topic:svc_A"));
        await().until(() -> status().refused().containsKey(file("svc_B")));
        assertThat(status().refused().get(file("svc_B"))).contains(file("svc_A"), "topic:svc_A", "keep one");
        assertThat(ask("svc_A")).isEqualTo("one");

        Files.delete(folder.resolve("svc_A.camel.yaml"));

        await().untilAsserted(() -> assertThat(ask("svc_A")).isEqualTo("late"));
    }

    @Test
    void a_new_version_is_live_at_once_while_a_task_ends_on_the_old_one(CapturedOutput log) throws Exception {
        CompletableFuture<String> old = taskAtTheGate("svc_A", "old");

        save("svc_A", answering("svc_A", "new"));

        assertThat(secondsUntil(() -> loadedContent("svc_A").contains("new"))).isLessThan(2);
        assertThat(ask("svc_A")).isEqualTo("new");
        assertThat(ids()).containsExactlyInAnyOrder("echo", "svc_A", "svc_A~2");
        assertThat(old).isNotDone();
        application.getBean(Gate.class).opened.countDown();
        assertThat(old.get(5, TimeUnit.SECONDS)).isEqualTo("old echoed task");
        await().untilAsserted(() -> assertThat(ids()).containsExactlyInAnyOrder("echo", "svc_A~2"));
        assertThat(ask("svc_A")).isEqualTo("new");
        assertThat(log).contains("svc_A: replaced (").contains(", 1 at work end on the version before");

        save("svc_A", answering("svc_A", "newer"));
        await().untilAsserted(() -> assertThat(ask("svc_A")).isEqualTo("newer"));
        assertThat(ids()).as("the plain id comes back").containsExactlyInAnyOrder("echo", "svc_A");
    }

    @Test
    void a_task_of_a_removed_topic_ends_normally() throws Exception {
        CompletableFuture<String> old = taskAtTheGate("svc_A", "old");

        Files.delete(folder.resolve("svc_A.camel.yaml"));

        await().untilAsserted(() -> assertThat(topics()).isEmpty());
        assertThat(old).isNotDone();
        application.getBean(Gate.class).opened.countDown();
        assertThat(old.get(5, TimeUnit.SECONDS)).isEqualTo("old echoed task");
        await().untilAsserted(() -> assertThat(ids()).containsExactly("echo"));
    }

    @Test
    void routes_that_kamelets_bring_along_go_with_the_last_route_that_uses_them() throws IOException {
        save("svc_A", calling("svc_A", "first"));
        save("svc_B", calling("svc_B", "first"));
        await().untilAsserted(() -> assertThat(ask("svc_B")).isEqualTo("first task"));
        await().untilAsserted(() -> assertThat(ask("svc_A")).isEqualTo("first task"));

        save("svc_A", calling("svc_A", "second"));
        await().untilAsserted(() -> assertThat(ask("svc_A")).isEqualTo("second task"));
        assertThat(ask("svc_B")).isEqualTo("first task");
        assertThat(kamelets()).isEqualTo(2);

        Files.delete(folder.resolve("svc_A.camel.yaml"));
        await().untilAsserted(() -> assertThat(kamelets()).isEqualTo(1));
        assertThat(ask("svc_B")).isEqualTo("first task");

        Files.delete(folder.resolve("svc_B.camel.yaml"));
        await().untilAsserted(() -> assertThat(ids()).containsExactly("echo"));

        save("svc_A", calling("svc_A", "first"));
        await().untilAsserted(() -> assertThat(ask("svc_A")).isEqualTo("first task"));
    }

    @Test
    void a_route_that_cannot_stand_beside_its_successor_finishes_first() throws Exception {
        save("msg_D", gated("msg_D", "old").replace("topic:msg_D", "direct:msg_D"));
        await().until(() -> status().atWork() == 2);
        CompletableFuture<String> old = CompletableFuture.supplyAsync(
                () -> camel.createProducerTemplate().requestBody("direct:msg_D", "task", String.class));
        assertThat(application.getBean(Gate.class).reached.await(5, TimeUnit.SECONDS))
                .isTrue();

        save("msg_D", answering("msg_D", "new").replace("topic:msg_D", "direct:msg_D"));
        await().during(Duration.ofSeconds(2)).until(() -> !old.isDone());
        application.getBean(Gate.class).opened.countDown();

        assertThat(old.get(5, TimeUnit.SECONDS)).isEqualTo("old echoed task");
        await().ignoreExceptions() // between the two there is no consumer
                .untilAsserted(() -> assertThat(
                                camel.createProducerTemplate().requestBody("direct:msg_D", "task", String.class))
                        .isEqualTo("new"));
        assertThat(ids()).containsExactlyInAnyOrder("echo", "svc_A", "msg_D");
    }

    @Test
    void a_config_map_that_kubernetes_swaps_is_taken_up_in_place(CapturedOutput log) throws IOException {
        mount("..2026_11_25_first", Map.of("svc_B", "B one", "svc_C", "C one"));
        await().untilAsserted(() -> assertThat(ask("svc_B")).isEqualTo("B one"));
        await().untilAsserted(() -> assertThat(ask("svc_C")).isEqualTo("C one"));

        mount("..2026_11_25_second", Map.of("svc_B", "B two", "svc_D", "D one"));

        await().untilAsserted(() -> assertThat(topics()).containsExactlyInAnyOrder("svc_A", "svc_B", "svc_D"));
        await().untilAsserted(() -> assertThat(ask("svc_B")).isEqualTo("B two"));
        assertThat(ask("svc_D")).isEqualTo("D one");
        await().untilAsserted(() -> assertThat(ids()).containsExactlyInAnyOrder("echo", "svc_A", "svc_B", "svc_D"));
        assertThat(status().refused()).isEmpty();
        assertThat(log).doesNotContain("is refused", "cannot be taken up");
    }

    @Test
    void many_edits_leave_nothing_behind() throws IOException {
        for (int i = 0; i < 5; i++) {
            String text = "version " + i;
            save("svc_A", calling("svc_A", text));
            await().untilAsserted(() -> assertThat(ask("svc_A")).isEqualTo(text + " task"));
        }
        assertThat(kamelets()).isEqualTo(1);
        String kamelet = camel.getRoutes().stream()
                .filter(Route::isCreatedByKamelet)
                .map(Route::getRouteId)
                .collect(joining());
        assertThat(camel.getEndpoints())
                .filteredOn(KameletEndpoint.class::isInstance)
                .extracting(endpoint -> ((KameletEndpoint) endpoint).getRouteId())
                .containsOnly(kamelet);
    }

    @Test
    void a_save_costs_the_same_among_a_hundred_files() throws IOException {
        List<String> names = IntStream.range(0, 100).mapToObj(i -> "svc_N" + i).toList();
        for (String name : names) {
            save(name, calling(name, name));
        }
        await().atMost(Duration.ofSeconds(30)).until(() -> status().atWork() == 101);

        save("svc_N7", calling("svc_N7", "edited"));

        assertThat(secondsUntil(() -> "edited task".equals(ask("svc_N7")))).isLessThan(2);
    }

    private CompletableFuture<String> taskAtTheGate(String topic, String text) throws Exception {
        save(topic, gated(topic, text));
        await().until(() ->
                Files.readString(folder.resolve(topic + ".camel.yaml")).equals(loadedContent(topic)));
        CompletableFuture<String> task = CompletableFuture.supplyAsync(() -> ask(topic));
        assertThat(application.getBean(Gate.class).reached.await(5, TimeUnit.SECONDS))
                .isTrue();
        return task;
    }

    private String loadedContent(String topic) {
        return application.getBean(TopicRoutes.class).files().stream()
                .filter(file -> file.name().equals(topic))
                .map(TopicFile::content)
                .collect(joining());
    }

    /** Step by step what Kubernetes does when a mounted ConfigMap gets other content. */
    private void mount(String version, Map<String, String> topics) throws IOException {
        Path data = folder.resolve("..data");
        Path before = Files.exists(data) ? data.toRealPath() : null;
        Path now = Files.createDirectory(folder.resolve(version));
        for (String topic : topics.keySet()) {
            Files.writeString(now.resolve(topic + ".camel.yaml"), answering(topic, topics.get(topic)));
        }
        Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), now.getFileName());
        Files.move(link, data, StandardCopyOption.ATOMIC_MOVE);
        for (String topic : topics.keySet()) {
            Path visible = folder.resolve(topic + ".camel.yaml");
            if (!Files.isSymbolicLink(visible)) {
                Files.createSymbolicLink(visible, Path.of("..data").resolve(visible.getFileName()));
            }
        }
        if (before != null) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path dangling : files.filter(file -> !Files.exists(file)).toList()) {
                    Files.delete(dangling);
                }
            }
            FileSystemUtils.deleteRecursively(before);
        }
    }

    private void save(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name + ".camel.yaml"), content);
    }

    private String file(String name) {
        return folder.resolve(name + ".camel.yaml").toString();
    }

    private String ask(String topic) {
        try {
            return camel.createProducerTemplate().requestBody("topic:" + topic, "task", String.class);
        } catch (CamelExecutionException e) {
            return "failed: " + e.getCause().getMessage();
        }
    }

    private Set<String> topics() {
        return application.getBean(TopicComponent.class).topics();
    }

    private List<String> ids() {
        return camel.getRoutes().stream().map(Route::getRouteId).toList();
    }

    private long kamelets() {
        return camel.getRoutes().stream().filter(Route::isCreatedByKamelet).count();
    }

    private TopicRoutes.Status status() {
        return application.getBean(TopicRoutes.class).status();
    }

    private static double secondsUntil(Callable<Boolean> condition) {
        long start = System.nanoTime();
        await().pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(5))
                .until(condition);
        return (System.nanoTime() - start) / 1e9;
    }

    static String answering(String topic, String text) {
        return """
                - route:
                    id: %s
                    from:
                      uri: topic:%s
                      steps:
                        - transform:
                            expression:
                              constant:
                                expression: %s
                """.formatted(topic, topic, text);
    }

    private static String gated(String topic, String text) {
        return """
                - route:
                    id: %s
                    from:
                      uri: topic:%s
                      steps:
                        - to:
                            uri: bean:gate?method=pass
                        - to:
                            uri: direct:echo
                        - transform:
                            expression:
                              simple:
                                expression: %s ${body}
                """.formatted(topic, topic, text);
    }

    static String calling(String topic, String prefix) {
        return """
                - route:
                    id: %s
                    from:
                      uri: topic:%s
                      steps:
                        - to:
                            uri: kamelet:call-stub
                            parameters:
                              prefix: %s
                """.formatted(topic, topic, prefix);
    }
}
