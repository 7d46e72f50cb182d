package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The incidents of topics of which a route does only some tasks: those of others are neither counted nor listed nor replayed. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "etd.routes=file:src/test/resources/incidents")
@DirtiesContext
class SharedTopicsIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String OF_TENANT = "svc_OfTenant";
    private static final String OF_REGION = "svc_OfRegion";

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final List<String> started = new ArrayList<>();

    @Autowired
    private TestRestTemplate http;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
        for (String tenant : List.of("acme", "globex")) {
            Surroundings.ENGINE.client().deployFor(tenant, Path.of("src/test/resources/processes/one-task.bpmn"));
        }
    }

    @BeforeEach
    void nothing_is_fetched() {
        post(OF_TENANT, "pause", Map.of());
        post(OF_REGION, "pause", Map.of());
    }

    @AfterEach
    void cancel() {
        started.forEach(engine::cancel);
    }

    @Test
    void incidents_of_other_tenants_are_not_counted_not_listed_and_not_replayed() {
        String ours = incident(OF_TENANT, "acme", Map.of());
        String globex = incident(OF_TENANT, "globex", Map.of());
        String nobodys = incident(OF_TENANT, null, Map.of());

        assertThatOnlyOneOf(OF_TENANT, ours, globex, nobodys);
    }

    @Test
    void incidents_of_instances_with_other_variables_are_not_counted_not_listed_and_not_replayed() {
        String ours = incident(OF_REGION, null, Map.of("region", "US", "priority", 1));
        String europes = incident(OF_REGION, null, Map.of("region", "EU", "priority", 1));
        String lessUrgent = incident(OF_REGION, null, Map.of("region", "US", "priority", 2));
        String unknown = incident(OF_REGION, null, Map.of());

        assertThatOnlyOneOf(OF_REGION, ours, europes, lessUrgent, unknown);
    }

    private void assertThatOnlyOneOf(String topic, String ours, String... theirs) {
        await().atMost(SOON).untilAsserted(() -> assertThat(
                        overview(topic).path("openIncidents").asLong())
                .isEqualTo(1));
        JsonNode listed = http.getForObject(path(topic) + "/incidents", JsonNode.class);
        assertThat(listed.path("total").asLong()).isEqualTo(1);
        assertThat(listed.path("incidents")).hasSize(1);
        assertThat(listed.path("incidents").get(0).path("taskId").asText()).isEqualTo(Work.taskId(ours));
        assertThat(listed.path("incidents").get(0).path("since").asText()).isNotEmpty();

        JsonNode refused = post(topic, "replay", Map.of("taskIds", List.of(Work.taskId(theirs[0]))));
        assertThat(refused.path("count").asInt()).as(refused.toString()).isZero();
        JsonNode replayed = post(topic, "replay", Map.of("retries", 2));

        assertThat(replayed.path("count").asInt()).as(replayed.toString()).isEqualTo(1);
        assertThat(Work.task(ours).path("retries").asInt()).isEqualTo(2);
        assertThat(theirs)
                .allSatisfy(instance ->
                        assertThat(Work.task(instance).path("retries").asInt()).isZero());
        await().atMost(SOON).untilAsserted(() -> assertThat(
                        overview(topic).path("openIncidents").asLong())
                .isZero());
    }

    private String incident(String topic, String tenant, Map<String, Object> variables) {
        Map<String, Object> all = new HashMap<>(variables);
        all.put("topic", topic);
        String instance = engine.post(
                        "/process-definition/key/one-task" + (tenant == null ? "" : "/tenant-id/" + tenant) + "/start",
                        Map.of("variables", EngineClient.typed(all)))
                .path("id")
                .asText();
        started.add(instance);
        engine.put("/external-task/" + Work.taskId(instance) + "/retries", Map.of("retries", 0));
        return instance;
    }

    private JsonNode overview(String topic) {
        JsonNode overview = http.getForObject("/actuator/etd", JsonNode.class);
        return StreamSupport.stream(overview.path("topics").spliterator(), false)
                .filter(each -> each.path("topic").asText().equals(topic))
                .findFirst()
                .orElseThrow();
    }

    private JsonNode post(String topic, String action, Map<String, ?> body) {
        return http.postForObject(path(topic) + "/" + action, body, JsonNode.class);
    }

    private static String path(String topic) {
        return "/actuator/etd/topics/default/" + topic;
    }
}
