package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EmbeddedEngine;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Order management on one engine, inventory check on another, and what may go wrong between them. */
@SpringBootTest(classes = DispatcherApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@DirtiesContext
class BetweenEnginesIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration ACKNOWLEDGEMENT_TAKES = Duration.ofMillis(500);
    private static final Path INVENTORY_CHECK = Path.of("bpmn/inventory-check.bpmn");
    private static final String ACKNOWLEDGE = "msg_AcknowledgeInventoryCheck";
    private static final String REQUEST = "msg_RequestInventoryCheck";

    private static final EmbeddedEngine SECOND = EmbeddedEngine.start(0);
    private static final FaultyLine TO_ORDERS = lineTo(Surroundings.ENGINE);
    private static final FaultyLine TO_INVENTORY = lineTo(SECOND);

    private final EngineClient orders = Surroundings.ENGINE.client();
    private final EngineClient inventory = SECOND.client();

    @Autowired
    private CamelContext camel;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        SECOND.client().deploy(INVENTORY_CHECK);
        Surroundings.connect(properties);
        properties.add("etd.engines.default.base-url", () -> through(TO_ORDERS, Surroundings.ENGINE));
        properties.add("etd.engines.inventory.base-url", () -> through(TO_INVENTORY, SECOND));
        properties.add("etd.engines.inventory.async-response-timeout", () -> "2s");
        properties.add("example.inventory-engine", () -> "inventory");
    }

    @AfterEach
    void startAgain() throws Exception {
        TO_ORDERS.delayAnswers(Duration.ZERO);
        TO_ORDERS.delayRequestsWith("", Duration.ZERO);
        camel.getRouteController().startRoute(REQUEST);
        camel.getRouteController().startRoute(ACKNOWLEDGE);
    }

    @Test
    void an_order_is_checked_by_a_process_of_the_other_engine() {
        String order = place();

        awaitEnd(orders, order, "Order accepted");
        assertThat(checksOf(order)).hasSize(1);
        assertThat(orders.variables(order)
                        .get("inventoryCheckInstance")
                        .path("value")
                        .asText())
                .isEqualTo(checksOf(order).get(0));
        assertThat(orders.variables(order).get("stock").path("value").asInt()).isEqualTo(12);
    }

    /** The answer may overtake the acknowledgement on the line, which is slow for that one alone, if anything lets it. */
    @Test
    void fifty_answers_over_a_slow_line_always_find_their_order_waiting() {
        TO_ORDERS.delayAnswers(Duration.ofMillis(200));
        TO_ORDERS.delayRequestsWith("/complete", ACKNOWLEDGEMENT_TAKES);

        List<String> placed = Stream.generate(this::place).limit(50).toList();

        for (String order : placed) {
            awaitEnd(orders, order, "Order accepted");
            assertThat(checksOf(order)).hasSize(1);
            assertThat(failures(checksOf(order).get(0))).isEmpty();
        }
    }

    /** Shows that the test before would notice, if inventory check went on while its acknowledgement is on the way. */
    @Test
    void an_answer_that_does_not_wait_for_the_acknowledgement_finds_nobody(@TempDir Path folder) throws Exception {
        String hasty = Files.readString(INVENTORY_CHECK)
                .replace(
                        "sourceRef=\"AcknowledgeTask\" targetRef=\"CheckInventoryTask\"",
                        "sourceRef=\"CheckRequestedEvent\" targetRef=\"CheckInventoryTask\"");
        inventory.deploy(Files.writeString(folder.resolve("inventory-check.bpmn"), hasty));
        TO_ORDERS.delayRequestsWith("/complete", Duration.ofSeconds(5));
        try {
            String order = place();
            String check = awaitCheck(order);

            await().atMost(SOON).until(() -> !failures(check).isEmpty());
            assertThat(failures(check).get(0).path("errorMessage").asText())
                    .contains("no process instance waits for message 'msg_InventoryChecked'");
            await().atMost(SOON).until(() -> orders.currentActivities(order).contains("WaitForInventoryTask"));
            inventory.cancel(check);
            orders.cancel(order);
        } finally {
            inventory.deploy(INVENTORY_CHECK);
        }
    }

    @Test
    void a_start_whose_answer_is_lost_starts_no_second_instance() {
        TO_INVENTORY.loseAnswerTo("/message");

        String order = place();

        awaitEnd(orders, order, "Order accepted");
        assertThat(checksOf(order)).hasSize(1);
        assertThat(orders.list("/history/external-task-log?failureLog=true&processInstanceId=" + order))
                .as("the start was tried twice")
                .hasSize(1);
    }

    @Test
    void of_two_instances_that_two_dispatchers_started_at_once_one_works_and_the_other_ends_before_it_did_anything()
            throws Exception {
        camel.getRouteController().stopRoute(ACKNOWLEDGE);
        String order = place();
        String first = awaitCheck(order);
        awaitLocked(order);
        String second = start(order, "worker-of-a-halted-dispatcher");
        camel.getRouteController().startRoute(ACKNOWLEDGE);

        awaitEnd(orders, order, "Order accepted");
        String winner = orders.variables(order)
                .get("inventoryCheckInstance")
                .path("value")
                .asText();
        assertThat(winner).isIn(first, second);
        String loser = winner.equals(first) ? second : first;
        awaitEnd(inventory, loser, "Not needed");
        assertThat(inventory.finishedActivities(loser)).doesNotContain("CheckInventoryTask");
        assertThat(inventory.finishedActivities(winner)).contains("CheckInventoryTask", "AnswerSentEvent");
    }

    @Test
    void an_acknowledgement_goes_through_when_another_dispatcher_has_taken_the_task_meanwhile() throws Exception {
        camel.getRouteController().stopRoute(ACKNOWLEDGE);
        String order = place();
        String check = awaitCheck(order);
        awaitLocked(order);
        camel.getRouteController().stopRoute(REQUEST);
        orders.post(
                "/external-task/" + task(order).path("id").asText() + "/lock",
                Map.of("workerId", workerOf(order), "lockDuration", 1));
        await().atMost(SOON).until(() -> !takeOver().isEmpty());
        assertThat(workerOf(order)).isEqualTo("another-dispatcher");

        camel.getRouteController().startRoute(ACKNOWLEDGE);

        awaitEnd(orders, order, "Order accepted");
        awaitEnd(inventory, check, "Answer sent");
    }

    @Test
    void an_acknowledgement_whose_answer_is_lost_is_recognised_by_the_instance_that_it_names() throws Exception {
        camel.getRouteController().stopRoute(ACKNOWLEDGE);
        String order = place();
        String check = awaitCheck(order);
        awaitLocked(order);
        TO_ORDERS.loseAnswerTo("/external-task/" + task(order).path("id").asText() + "/complete");

        camel.getRouteController().startRoute(ACKNOWLEDGE);

        awaitEnd(orders, order, "Order accepted");
        awaitEnd(inventory, check, "Answer sent");
        assertThat(failures(check)).as("the lost answer").hasSize(1);
    }

    @Test
    void while_the_engine_of_the_order_is_away_the_acknowledgement_is_tried_on_and_the_process_stays()
            throws Exception {
        camel.getRouteController().stopRoute(ACKNOWLEDGE);
        String order = place();
        String check = awaitCheck(order);
        awaitLocked(order);
        TO_ORDERS.cut();
        camel.getRouteController().startRoute(ACKNOWLEDGE);

        try {
            await().atMost(SOON).until(() -> failures(check).size() >= 2);
            assertThat(inventory.currentActivities(check)).contains("AcknowledgeTask");
            assertThat(inventory.externalTasks(check).get(0).path("retries").asInt())
                    .as("an engine that is away costs no retry")
                    .isEqualTo(100);
        } finally {
            TO_ORDERS.mend();
        }

        awaitEnd(orders, order, "Order accepted");
        awaitEnd(inventory, check, "Answer sent");
    }

    @Test
    void a_check_whose_order_was_cancelled_ends_before_it_did_anything() throws Exception {
        camel.getRouteController().stopRoute(ACKNOWLEDGE);
        String order = place();
        String check = awaitCheck(order);
        orders.cancel(order);

        camel.getRouteController().startRoute(ACKNOWLEDGE);

        awaitEnd(inventory, check, "Not needed");
    }

    private String place() {
        return orders.startProcess(
                "order-management", "O-" + UUID.randomUUID(), Map.of("article", "A-1", "quantity", 3));
    }

    private String start(String order, String workerId) {
        return inventory
                .post(
                        "/message",
                        Map.of(
                                "messageName",
                                "msg_InventoryCheckRequested",
                                "businessKey",
                                businessKey(order),
                                "resultEnabled",
                                true,
                                "processVariables",
                                EngineClient.typed(Map.of(
                                        "article",
                                        "A-1",
                                        "quantity",
                                        3,
                                        "orderTask",
                                        task(order).path("id").asText(),
                                        "orderWorker",
                                        workerId,
                                        "orderInstance",
                                        order))))
                .path(0)
                .path("processInstance")
                .path("id")
                .asText();
    }

    private JsonNode takeOver() {
        return orders.post(
                "/external-task/fetchAndLock",
                Map.of(
                        "workerId",
                        "another-dispatcher",
                        "maxTasks",
                        10,
                        "topics",
                        List.of(Map.of("topicName", REQUEST, "lockDuration", 300_000))));
    }

    private List<String> checksOf(String order) {
        return inventory
                .list("/history/process-instance?processDefinitionKey=inventory-check&processInstanceBusinessKey="
                        + businessKey(order))
                .stream()
                .map(instance -> instance.path("id").asText())
                .toList();
    }

    private String awaitCheck(String order) {
        await().atMost(SOON).until(() -> !checksOf(order).isEmpty());
        return checksOf(order).get(0);
    }

    private void awaitLocked(String order) {
        await().atMost(SOON).until(() -> !workerOf(order).isEmpty());
    }

    private String workerOf(String order) {
        return task(order).path("workerId").asText("");
    }

    private JsonNode task(String order) {
        return orders.externalTasks(order).get(0);
    }

    private String businessKey(String order) {
        return orders.processInstance(order).path("businessKey").asText();
    }

    private List<JsonNode> failures(String check) {
        return inventory.list("/history/external-task-log?failureLog=true&processInstanceId=" + check);
    }

    private static void awaitEnd(EngineClient engine, String instance, String name) {
        await().atMost(SOON).untilAsserted(() -> assertThat(engine.endEvent(instance))
                .as(() -> "at " + engine.currentActivities(instance) + ", incidents " + engine.incidents(instance))
                .contains(name));
    }

    private static FaultyLine lineTo(EmbeddedEngine engine) {
        try {
            return new FaultyLine("localhost", engine.baseUrl().getPort());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static URI through(FaultyLine line, EmbeddedEngine engine) {
        return URI.create("http://localhost:" + line.port() + engine.baseUrl().getPath());
    }
}
