package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.externaltask.dispatcher.configuration.EtdProperties.SortOrder;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.fetch.FetchLane;
import org.externaltask.dispatcher.fetch.FetchRequest;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The filters of a topic, and the order that an engine is asked for, as a real engine understands them. */
class FetchFiltersIT {

    private static final Subscription.Filter NONE =
            new Subscription.Filter(List.of(), List.of(), null, List.of(), false, null, Map.of(), false);

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final String topic = "svc_" + UUID.randomUUID();
    private final List<String> started = new ArrayList<>();

    @BeforeAll
    static void deployForTenants() {
        for (String tenant : List.of("acme", "globex")) {
            Surroundings.ENGINE.client().deployFor(tenant, Path.of("src/test/resources/processes/one-task.bpmn"));
        }
    }

    @AfterEach
    void cancel() {
        started.forEach(engine::cancel);
    }

    @Test
    void without_a_filter_all_tasks_of_the_topic_come() {
        assertThat(fetch(NONE, start("acme", "A", "EU"), start(null, "B", "US")))
                .containsExactlyInAnyOrder("A", "B");
    }

    @Test
    void tenant_ids_bring_tasks_of_these_tenants_alone() {
        assertThat(fetch(
                        new Subscription.Filter(
                                List.of(), List.of(), null, List.of("acme"), false, null, Map.of(), false),
                        start("acme", "A", "EU"),
                        start("globex", "B", "EU"),
                        start(null, "C", "EU")))
                .containsExactly("A");
    }

    @Test
    void without_tenant_id_brings_tasks_of_no_tenant_alone() {
        assertThat(fetch(
                        new Subscription.Filter(List.of(), List.of(), null, List.of(), true, null, Map.of(), false),
                        start("acme", "A", "EU"),
                        start(null, "C", "EU")))
                .containsExactly("C");
    }

    @Test
    void a_business_key_brings_tasks_of_its_instances_alone() {
        assertThat(fetch(
                        new Subscription.Filter(List.of(), List.of(), null, List.of(), false, "B", Map.of(), false),
                        start(null, "A", "EU"),
                        start(null, "B", "EU")))
                .containsExactly("B");
    }

    @Test
    void process_variables_bring_tasks_of_instances_with_these_values_alone() {
        assertThat(fetch(
                        new Subscription.Filter(
                                List.of(),
                                List.of(),
                                null,
                                List.of(),
                                false,
                                null,
                                Map.of("region", TextNode.valueOf("US")),
                                false),
                        start(null, "A", "EU"),
                        start(null, "B", "US")))
                .containsExactly("B");
    }

    @Test
    void process_definition_keys_bring_tasks_of_these_processes_alone() {
        start(null, "A", "EU");

        assertThat(fetch(new Subscription.Filter(
                        List.of("another"), List.of(), null, List.of(), false, null, Map.of(), false)))
                .isEmpty();
        assertThat(fetch(new Subscription.Filter(
                        List.of("another", "one-task"), List.of(), null, List.of(), false, null, Map.of(), false)))
                .containsExactly("A");
    }

    @Test
    void process_definition_ids_bring_tasks_of_these_versions_alone() {
        String definition = engine.processInstance(start(null, "A", "EU"))
                .path("processDefinitionId")
                .asText();

        assertThat(fetch(new Subscription.Filter(
                        List.of(), List.of("one-task:0:0"), null, List.of(), false, null, Map.of(), false)))
                .isEmpty();
        assertThat(fetch(new Subscription.Filter(
                        List.of(), List.of("one-task:0:0", definition), null, List.of(), false, null, Map.of(), false)))
                .containsExactly("A");
    }

    @Test
    void a_version_tag_brings_tasks_of_versions_with_it_alone() {
        start(null, "A", "EU");
        startPrioritised("B", 0);

        assertThat(fetch(new Subscription.Filter(
                        List.of(), List.of(), "2026-11", List.of(), false, null, Map.of(), false)))
                .containsExactly("B");
    }

    @Test
    void of_tasks_with_different_priorities_the_highest_comes_first() {
        List.of(10, 90, 50).forEach(priority -> startPrioritised("P" + priority, priority));

        assertThat(oneByOne(true, null)).containsExactly("P90", "P50", "P10");
    }

    @ParameterizedTest
    @CsvSource({"ASC, A B C", "DESC, C B A"})
    void tasks_come_in_the_order_of_their_creation_or_the_other_way_round(SortOrder order, String expected) {
        List.of("A", "B", "C").forEach(key -> startPrioritised(key, 0));

        assertThat(oneByOne(false, order)).containsExactly(expected.split(" "));
    }

    @Test
    void the_time_of_creation_decides_among_tasks_of_one_priority() {
        startPrioritised("urgent", 90);
        List.of("A", "B").forEach(key -> startPrioritised(key, 10));

        assertThat(oneByOne(true, SortOrder.DESC)).containsExactly("urgent", "B", "A");
    }

    @Test
    void local_variables_alone_leave_out_those_of_the_process() {
        start(null, "A", "EU");

        JsonNode task = tasks(
                        new Subscription.Filter(List.of(), List.of(), null, List.of(), false, null, Map.of(), true))
                .get(0);

        assertThat(task.path("variables").has("region")).isFalse();
    }

    private List<String> fetch(Subscription.Filter filter, String... instances) {
        assertThat(started.containsAll(List.of(instances))).isTrue();
        return tasks(filter).stream()
                .map(task -> task.path("businessKey").asText())
                .toList();
    }

    /** The business keys in the order in which the engine gives the tasks out, one a request. */
    private List<String> oneByOne(boolean usePriority, SortOrder order) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < started.size(); i++) {
            tasks(NONE, 1, usePriority, order)
                    .forEach(task -> keys.add(task.path("businessKey").asText()));
        }
        return keys;
    }

    private List<JsonNode> tasks(Subscription.Filter filter) {
        return tasks(filter, 10, true, null);
    }

    private List<JsonNode> tasks(Subscription.Filter filter, int maxTasks, boolean usePriority, SortOrder order) {
        Subscription subscription = new Subscription(
                "default",
                topic,
                List.of(),
                Set.of(),
                Map.of(),
                Set.of(),
                Duration.ofSeconds(30),
                10,
                3,
                List.of(Duration.ofSeconds(10)),
                Map.of(),
                true,
                null,
                Subscription.OutputScope.PROCESS,
                filter,
                "test");
        FetchRequest request = new FetchRequest(
                "default",
                FetchLane.CATCH_UP,
                "filters",
                Map.of(topic, subscription),
                maxTasks,
                Duration.ZERO,
                usePriority,
                order,
                0);
        List<JsonNode> tasks = new ArrayList<>();
        engine.post("/external-task/fetchAndLock", request.body()).forEach(tasks::add);
        return tasks;
    }

    private void startPrioritised(String businessKey, int priority) {
        started.add(engine.startProcess("prioritised", businessKey, Map.of("topic", topic, "priority", priority)));
    }

    private String start(String tenant, String businessKey, String region) {
        String instance = engine.post(
                        "/process-definition/key/one-task" + (tenant == null ? "" : "/tenant-id/" + tenant) + "/start",
                        Map.of(
                                "businessKey",
                                businessKey,
                                "variables",
                                EngineClient.typed(Map.of("topic", topic, "key", "K", "region", region))))
                .path("id")
                .asText();
        started.add(instance);
        return instance;
    }
}
