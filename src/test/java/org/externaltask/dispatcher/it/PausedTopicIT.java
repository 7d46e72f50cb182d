package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A topic that an operator has paused, while its file is edited. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "etd.reload.enabled=true")
@DirtiesContext
class PausedTopicIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String TOPIC = "svc_Edited";

    @TempDir
    private static Path folder;

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Autowired
    private TestRestTemplate http;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) throws IOException {
        Surroundings.connect(properties);
        save("first");
        properties.add("etd.routes", () -> "file:" + folder);
    }

    @Test
    void a_hot_reload_of_a_paused_topic_keeps_it_paused_and_resuming_it_starts_the_new_version() throws IOException {
        await().atMost(SOON).until(() -> topic().path("state").asText().equals("fetched"));
        act("pause");

        save("second");
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(topic().path("description").asText()).isEqualTo("Answers second."));
        assertThat(topic().path("state").asText()).isEqualTo("paused");
        String instance = Work.start(TOPIC);
        await().during(Duration.ofSeconds(4)).atMost(SOON).until(() -> !engine.isEnded(instance));
        assertThat(topic().path("state").asText()).isEqualTo("paused");

        act("resume");
        Work.awaitDone(instance);
        assertThat(engine.variables(instance).get("answer").path("value").asText())
                .isEqualTo("second");
    }

    private void act(String action) {
        JsonNode done =
                http.postForObject("/actuator/etd/topics/default/" + TOPIC + "/" + action, Map.of(), JsonNode.class);
        assertThat(done.path("count").asInt()).as(done.toString()).isEqualTo(1);
    }

    private JsonNode topic() {
        return http.getForObject("/actuator/etd", JsonNode.class).path("topics").path(0);
    }

    private static void save(String answer) throws IOException {
        Files.writeString(folder.resolve(TOPIC + ".camel.yaml"), """
                - route:
                    id: svc_Edited
                    group: service
                    description: Answers ANSWER.
                    from:
                      uri: external-task:svc_Edited
                      parameters:
                        variables: key
                      steps:
                        - transform:
                            expression:
                              jq:
                                expression: |-
                                  { answer: "ANSWER" }
                """.replace("ANSWER", answer));
    }
}
