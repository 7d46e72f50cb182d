package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.Suppliers;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;

/** Request and reply by task id, from end to end: the bundled routes, the real engine, a broker, and the suppliers who reply. */
@SpringBootTest(classes = DispatcherApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@DirtiesContext // or this dispatcher would take the tasks of the next test
abstract class AsyncRequest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int SUPPLIERS = 50;

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Autowired
    private MeterRegistry meters;

    @Test
    void fifty_requests_of_one_process_instance_are_all_replied_to() {
        List<String> requests = Stream.generate(() -> start("bolts")).limit(2).toList();

        for (String request : requests) {
            awaitEnd(request, "Offers complete");
            assertThat(engine.list("/history/variable-instance?variableName=price&processInstanceId=" + request))
                    .hasSize(SUPPLIERS);
        }
        assertThat(meters.counter("etd.replies", "engine", "default", "outcome", "completed")
                        .count())
                .isGreaterThanOrEqualTo(2 * SUPPLIERS);
    }

    @Test
    void a_reply_that_refuses_ends_the_task_with_a_bpmn_error_and_the_replies_after_it_are_late() {
        awaitEnd(start(Suppliers.SOLD_OUT), "Item not to be had");
    }

    private String start(String item) {
        return engine.startProcess(
                "async-request", "R-" + UUID.randomUUID(), Map.of("item", item, "suppliers", SUPPLIERS));
    }

    private void awaitEnd(String request, String name) {
        await().atMost(SOON).untilAsserted(() -> assertThat(engine.endEvent(request))
                .as(() -> "at " + engine.currentActivities(request) + ", incidents " + engine.incidents(request))
                .contains(name));
    }
}
