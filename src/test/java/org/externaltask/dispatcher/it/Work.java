package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.externaltask.dispatcher.sandbox.EngineClient;

/** Work that the gateway takes its time for, and what the engine says of it. */
final class Work {

    static final Duration SOON = Duration.ofSeconds(30);

    private static final EngineClient ENGINE = Surroundings.ENGINE.client();

    private Work() {}

    /** How long the gateway works on each call from now on; the calls so far are forgotten. */
    static void takes(Duration duration) {
        Surroundings.GATEWAY.wireMock().resetAll();
        Surroundings.GATEWAY
                .wireMock()
                .stubFor(post("/work")
                        .willReturn(okJson("{\"result\": \"done\"}").withFixedDelay((int) duration.toMillis())));
    }

    static String start(String topic) {
        return ENGINE.startProcess("one-task", UUID.randomUUID().toString(), Map.of("topic", topic, "key", "K-1"));
    }

    /** The Idempotency-Keys of the calls so far. */
    static List<String> calls() {
        return Surroundings.GATEWAY.wireMock().findAll(postRequestedFor(urlEqualTo("/work"))).stream()
                .map(call -> call.getHeader("Idempotency-Key"))
                .toList();
    }

    static void awaitCalls(int count) {
        await().atMost(SOON).until(() -> calls().size() == count);
    }

    static void awaitDone(String instance) {
        await().atMost(SOON).untilAsserted(() -> assertThat(ENGINE.endEvent(instance))
                .as(() -> "tasks " + ENGINE.externalTasks(instance))
                .contains("Done"));
    }

    static JsonNode task(String instance) {
        return ENGINE.externalTasks(instance).get(0);
    }

    static String taskId(String instance) {
        return task(instance).path("id").asText();
    }

    /** What went wrong with the task of an instance, as the engine has it in its history: failures, none if all went well. */
    static List<JsonNode> failures(String instance) {
        return ENGINE.list("/history/external-task-log?failureLog=true&processInstanceId=" + instance);
    }

    static List<JsonNode> lockedTasks(String topic) {
        return ENGINE.list("/external-task?locked=true&topicName=" + topic);
    }
}
