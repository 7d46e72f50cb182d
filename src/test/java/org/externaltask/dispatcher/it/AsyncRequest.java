package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.Suppliers;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ConfigurableApplicationContext;
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

    @Autowired
    private RabbitTemplate suppliers;

    @Autowired
    private CachingConnectionFactory broker;

    @Test
    void fifty_requests_of_one_process_instance_are_all_replied_to() {
        List<String> requests = Stream.generate(() -> start("bolts")).limit(2).toList();

        for (String request : requests) {
            awaitEnd(request, "Offers complete");
            assertThat(engine.list("/history/variable-instance?variableName=price&processInstanceId=" + request))
                    .hasSize(SUPPLIERS);
        }
        assertThat(replies("completed")).isGreaterThanOrEqualTo(2 * SUPPLIERS);
    }

    /** The other one has sent no request: whatever it completes was locked by the first. */
    @Test
    void a_reply_may_reach_another_dispatcher_than_the_one_that_asked() throws Exception {
        List<String> arguments = Dispatcher.arguments(
                "classpath:routes", Surroundings.ENGINE.baseUrl(), broker.getHost(), broker.getPort());
        try (ConfigurableApplicationContext other = Dispatcher.start(arguments)) {
            other.getBean(CamelContext.class).getRouteController().stopRoute("msg_RequestOffer");
            double before = completed(other);
            List<String> requests =
                    Stream.generate(() -> start("bolts")).limit(2).toList();

            requests.forEach(request -> awaitEnd(request, "Offers complete"));
            assertThat(completed(other)).isGreaterThan(before);
        }
    }

    @Test
    void a_reply_that_comes_once_more_when_its_task_is_completed_is_ignored_and_counted() {
        String request = start("bolts");
        awaitEnd(request, "Offers complete");
        double late = replies("late");
        JsonNode task = engine.list("/history/external-task-log?successLog=true&processInstanceId=" + request)
                .get(0);

        suppliers.convertAndSend(Suppliers.EXCHANGE, Suppliers.RECEIVED, "{\"price\": 1}", message -> {
            message.getMessageProperties()
                    .setHeader("etd-task-id", task.path("externalTaskId").asText());
            message.getMessageProperties()
                    .setHeader("etd-worker-id", task.path("workerId").asText());
            return message;
        });

        await().atMost(SOON).until(() -> replies("late") == late + 1);
        assertThat(engine.list("/history/variable-instance?variableName=price&processInstanceId=" + request))
                .hasSize(SUPPLIERS)
                .noneMatch(price -> price.path("value").asInt() == 1);
    }

    @Test
    void a_reply_that_refuses_ends_the_task_with_a_bpmn_error_and_the_replies_after_it_are_late() {
        awaitEnd(start(Suppliers.SOLD_OUT), "Item not to be had");
    }

    private double replies(String outcome) {
        return replies(meters, outcome);
    }

    private static double completed(ConfigurableApplicationContext dispatcher) {
        return replies(dispatcher.getBean(MeterRegistry.class), "completed");
    }

    private static double replies(MeterRegistry of, String outcome) {
        return of.counter("etd.replies", "engine", "default", "outcome", outcome)
                .count();
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
