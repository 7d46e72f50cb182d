package org.externaltask.dispatcher.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EmbeddedEngineIT {

    @Test
    void two_engines_in_one_jvm_have_nothing_of_each_other() {
        try (EmbeddedEngine first = EmbeddedEngine.start(0);
                EmbeddedEngine second = EmbeddedEngine.start(0)) {
            second.client().deploy(Path.of("bpmn/order-handling.bpmn"));
            String order = second.client().startProcess("order-handling", "O-1", Map.of("customerNumber", "C-1"));

            assertThat(second.client().currentActivities(order)).containsExactly("GetCustomerDetailsTask");
            assertThat(first.client().list("/process-definition")).isEmpty();
        }
    }

    @Test
    void an_engine_answers_long_polls_after_others_of_its_jvm_have_stopped() {
        try (EmbeddedEngine goesOn = EmbeddedEngine.start(0)) {
            EmbeddedEngine.start(0).close();
            assertAnswersLongPolls(goesOn);
        }
        try (EmbeddedEngine next = EmbeddedEngine.start(0)) {
            assertAnswersLongPolls(next);
        }
    }

    private static void assertAnswersLongPolls(EmbeddedEngine engine) {
        Map<String, ?> topic = Map.of("topicName", "nobody-asks-for-it", "lockDuration", 1000);
        Map<String, ?> longPoll =
                Map.of("workerId", "w", "maxTasks", 1, "asyncResponseTimeout", 200, "topics", List.of(topic));

        assertThat(engine.client().post("/external-task/fetchAndLock", longPoll))
                .isEmpty();
    }
}
