package org.externaltask.dispatcher.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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
}
