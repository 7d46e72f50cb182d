package org.externaltask.dispatcher.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import org.externaltask.dispatcher.sandbox.EngineClient.Typed;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Walks through {@code bpmn/order-handling.bpmn} by hand, as a worker and a warehouse would. */
class OrderHandlingProcessIT {

    private static EmbeddedEngine server;
    private static EngineClient engine;

    @BeforeAll
    static void start() {
        server = EmbeddedEngine.start(0);
        engine = server.client();
        engine.deploy(Path.of("bpmn/order-handling.bpmn"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void an_order_is_confirmed_and_ends_when_the_warehouse_has_received_it() {
        String order = startOrder("O-1", "C-1");

        JsonNode lookup = fetch("svc_GetCustomerDetails");
        assertThat(lookup.at("/variables/customerNumber/value").asText()).isEqualTo("C-1");
        complete(lookup, Map.of("customerName", "Ada Lovelace", "customerTier", "gold"));

        JsonNode toCustomer = fetch("msg_SendConfirmation");
        assertThat(toCustomer.path("activityId").asText()).isEqualTo("SendConfirmationTask");
        assertThat(toCustomer.at("/variables/recipient/value").asText()).isEqualTo("customer");
        complete(toCustomer, Map.of());

        JsonNode toWarehouse = fetch("msg_SendConfirmation");
        assertThat(toWarehouse.path("activityId").asText()).isEqualTo("TellWarehouseEvent");
        assertThat(toWarehouse.at("/variables/recipient/value").asText()).isEqualTo("warehouse");
        complete(toWarehouse, Map.of());

        assertThat(engine.currentActivities(order)).containsExactly("WaitForWarehouseTask");
        engine.correlate("msg_OrderReceived", "O-1");

        assertThat(engine.isEnded(order)).isTrue();
        assertThat(engine.endEvent(order)).contains("Order received");
        assertThat(engine.finishedActivities(order))
                .containsExactly(
                        "OrderPlacedEvent",
                        "GetCustomerDetailsTask",
                        "SendConfirmationTask",
                        "TellWarehouseEvent",
                        "WaitForWarehouseTask",
                        "OrderReceivedEvent");
        assertThat(engine.variables(order).get("customerTier").path("value").asText())
                .isEqualTo("gold");
        assertThat(engine.incidents(order)).isEmpty();
    }

    @Test
    void an_order_of_an_unknown_customer_ends_as_customer_not_found() {
        String order = startOrder("O-2", "C-404");

        JsonNode lookup = fetch("svc_GetCustomerDetails");
        engine.post(
                "/external-task/" + lookup.path("id").asText() + "/bpmnError",
                Map.of("workerId", "test", "errorCode", "CUSTOMER_NOT_FOUND"));

        assertThat(engine.isEnded(order)).isTrue();
        assertThat(engine.endEvent(order)).contains("Customer not found");
    }

    @Test
    void json_and_xml_variables_come_back_as_they_went_in() {
        String order = engine.startProcess(
                "order-handling",
                "O-3",
                Map.of(
                        "customerNumber",
                        "C-3",
                        "items",
                        Map.of("sku", "4711", "amounts", new long[] {1, 9007199254740993L}),
                        "invoice",
                        new Typed("Xml", "<invoice total=\"12.50\"/>"),
                        "priority",
                        5,
                        "express",
                        true));

        JsonNode variables = fetch("svc_GetCustomerDetails").path("variables");
        engine.post("/process-instance/delete", Map.of("processInstanceIds", new String[] {order}));

        assertThat(variables.at("/items/type").asText()).isEqualTo("Json");
        assertThat(variables.at("/items/value").asText()).contains("\"4711\"", "9007199254740993");
        assertThat(variables.at("/invoice/type").asText()).isEqualTo("Xml");
        assertThat(variables.at("/invoice/value").asText()).contains("total=\"12.50\"");
        assertThat(variables.at("/priority/type").asText()).isEqualTo("Integer");
        assertThat(variables.at("/express/value").asBoolean()).isTrue();
    }

    private static String startOrder(String orderNumber, String customerNumber) {
        return engine.startProcess(
                "order-handling", orderNumber, Map.of("orderNumber", orderNumber, "customerNumber", customerNumber));
    }

    private static JsonNode fetch(String topic) {
        JsonNode tasks = engine.post(
                "/external-task/fetchAndLock", Map.of("workerId", "test", "maxTasks", 10, "topics", new Object[] {
                    Map.of("topicName", topic, "lockDuration", 60_000)
                }));
        assertThat(tasks).hasSize(1);
        return tasks.get(0);
    }

    private static void complete(JsonNode task, Map<String, ?> variables) {
        engine.post(
                "/external-task/" + task.path("id").asText() + "/complete",
                Map.of("workerId", "test", "variables", EngineClient.typed(variables)));
    }
}
