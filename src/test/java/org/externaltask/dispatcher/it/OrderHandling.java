package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;

/** The example process from end to end: the bundled routes, the real engine, the gateway, and a broker. */
@SpringBootTest(classes = DispatcherApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@DirtiesContext // or this dispatcher would take the tasks of the next test
abstract class OrderHandling {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Test
    void an_order_runs_through_service_task_send_task_throw_event_and_receive_task() {
        String order = start("C-1");

        awaitEnd(order, "Order received");
        assertThat(engine.finishedActivities(order))
                .contains(
                        "GetCustomerDetailsTask", "SendConfirmationTask", "TellWarehouseEvent", "WaitForWarehouseTask");
        Map<String, JsonNode> variables = engine.variables(order);
        assertThat(variables.get("customerName").path("value").asText()).isEqualTo("Ada Lovelace");
        assertThat(variables.get("customerTier").path("value").asText()).isEqualTo("gold");
        assertThat(variables).containsKey("receivedAt");
    }

    @Test
    void an_order_of_an_unknown_customer_ends_at_the_boundary_event() {
        awaitEnd(start("C-404"), "Customer not found");
    }

    @Test
    void many_orders_at_once_all_end() {
        List<String> orders =
                IntStream.range(0, 50).mapToObj(i -> start("C-" + (1 + i % 3))).toList();

        orders.forEach(order -> awaitEnd(order, "Order received"));
    }

    private String start(String customerNumber) {
        String orderNumber = "O-" + UUID.randomUUID();
        return engine.startProcess(
                "order-handling", orderNumber, Map.of("orderNumber", orderNumber, "customerNumber", customerNumber));
    }

    private void awaitEnd(String order, String name) {
        await().atMost(SOON).untilAsserted(() -> assertThat(engine.endEvent(order))
                .as(() -> "at " + engine.currentActivities(order) + ", incidents " + engine.incidents(order))
                .contains(name));
    }
}
