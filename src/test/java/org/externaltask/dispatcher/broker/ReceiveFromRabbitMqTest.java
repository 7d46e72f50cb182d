package org.externaltask.dispatcher.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.core.Queue;
import org.springframework.boot.test.system.CapturedOutput;

/** What a receive route can rely on with RabbitMQ. */
class ReceiveFromRabbitMqTest extends ReceiveTest {

    private static final String RETRY_QUEUE = BrokerSide.name("retry");

    @Override
    TestBroker startBroker() {
        return TestBroker.rabbitMq();
    }

    @Override
    List<String> settings() {
        return List.of(
                "etd.broker.retry-queue=" + RETRY_QUEUE,
                "etd.broker.retry-delays=100ms,1s",
                "etd.broker.message-ttl=4s");
    }

    @AfterAll
    void deleteRetryQueues() {
        for (String name : List.of(RETRY_QUEUE + ".100ms", RETRY_QUEUE + ".1s", RETRY_QUEUE + ".back")) {
            side.willDelete(name);
            side.willDeleteExchange(name);
        }
    }

    @Test
    void a_missing_queue_is_declared_durable_replicated_and_with_parking_for_what_the_broker_gives_up()
            throws Exception {
        route(this::keep);

        assertThatNoException()
                .as("declaring a queue again succeeds only with the same properties")
                .isThrownBy(() -> side.admin.declareQueue(new Queue(
                        queue,
                        true,
                        false,
                        false,
                        Map.of(
                                "x-queue-type", "quorum",
                                "x-dead-letter-exchange", "",
                                "x-dead-letter-routing-key", parkingQueue,
                                "x-dead-letter-strategy", "at-least-once",
                                "x-overflow", "reject-publish"))));
    }

    @Test
    void a_queue_that_operators_have_declared_is_taken_as_it_is() throws Exception {
        side.admin.declareQueue(new Queue(queue, true, false, false, Map.of("x-max-length", 1000)));
        route(this::keep);

        send("{}", new MessageProperties());

        next();
    }

    @Test
    void a_message_that_cannot_be_parked_is_held_until_it_can(CapturedOutput output) throws Exception {
        side.admin.deleteQueue(parkingQueue);
        side.admin.declareQueue(
                new Queue(parkingQueue, true, false, false, Map.of("x-max-length", 0, "x-overflow", "reject-publish")));
        route(this::keep);

        side.send(exchange, "order.received", "poison".getBytes(UTF_8), new MessageProperties());

        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(output)
                .contains("is held, because it cannot be parked: the broker did not take a message"));
        send("{\"good\": true}", new MessageProperties());
        next();
        assertThat(side.messages(parkingQueue)).isZero();
        long attempts =
                output.getOut().lines().filter(line -> line.contains("is held")).count();
        assertThat(attempts).as("no hot loop").isLessThan(5);

        side.admin.deleteQueue(parkingQueue);
        assertThat(awaitParked().getBody()).asString().isEqualTo("poison");
    }

    @Test
    void a_message_that_cannot_be_parked_goes_back_to_its_queue_when_the_route_stops(CapturedOutput output)
            throws Exception {
        side.admin.deleteQueue(parkingQueue);
        side.admin.declareQueue(
                new Queue(parkingQueue, true, false, false, Map.of("x-max-length", 0, "x-overflow", "reject-publish")));
        route(this::keep);
        side.send(exchange, "order.received", "poison".getBytes(UTF_8), new MessageProperties());
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(output).contains("is held"));

        stopRoute();

        assertThat(side.receive(queue).getBody()).asString().isEqualTo("poison");
        side.admin.deleteQueue(parkingQueue);
    }

    @Test
    void a_header_that_makes_rabbitmq_copy_a_message_does_not_survive_parking() throws Exception {
        String victim = side.queue();
        route(exchange -> {
            throw new IOException("not reached");
        });
        MessageProperties properties = new MessageProperties();
        properties.setHeader("CC", List.of(victim));
        side.send("", queue, "poison".getBytes(UTF_8), properties);
        assertThat(side.receive(victim))
                .as("RabbitMQ's own copy, when the message was sent")
                .isNotNull();

        assertThat(side.receive(parkingQueue)).isNotNull();

        assertThat(side.messages(victim)).isZero();
    }

    @Test
    void messages_that_fail_wait_outside_their_queue_while_others_are_worked_on() throws Exception {
        AtomicBoolean early = new AtomicBoolean(true);
        route(exchange -> {
            if (exchange.getMessage().getBody(ObjectNode.class).has("early") && early.get()) {
                throw new IOException("nobody waits yet");
            }
            keep(exchange);
        });
        for (int i = 0; i < 8; i++) { // more than there are consumers
            send("{\"early\": " + i + "}", new MessageProperties());
        }

        send("{\"good\": true}", new MessageProperties());

        next();
        assertThat(received).isEmpty();
        early.set(false);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(received).hasSize(8));
        assertThat(parkedCount()).isZero();
    }

    @Test
    void a_message_comes_back_to_the_queue_that_it_came_from_as_it_was(CapturedOutput output) throws Exception {
        route(exchange -> {
            if (exchange.getProperty("etdAttempts", Integer.class) == 0) {
                throw new IOException("nobody waits yet");
            }
            keep(exchange);
        });
        MessageProperties properties = new MessageProperties();
        properties.setMessageId("m-1");
        properties.setHeader("etd-business-key", "order-1");
        properties.setHeader("etd-attempts", -7);
        properties.setHeader("etd-first-seen", "9999-12-31T00:00:00Z");
        properties.setHeader("x-death", List.of(Map.of("queue", queue, "reason", "expired", "count", 1_000_000L)));

        send("{\"n\": 100000000000000000.10}", properties);

        Exchange back = next();
        assertThat(back.getMessage().getBody(ObjectNode.class).get("n").decimalValue())
                .isEqualTo("100000000000000000.10");
        assertThat(back.getMessage().getHeaders())
                .containsEntry("etd-business-key", "order-1")
                .containsEntry("CamelSpringRabbitmqMessageId", "m-1")
                .containsEntry("CamelSpringRabbitmqExchangeName", exchange)
                .containsEntry("CamelSpringRabbitmqRoutingKey", "order.received");
        await().untilAsserted(() -> assertThat(side.messages(queue)).isZero());
        assertThat(parkedCount()).isZero();
        assertThat(output).doesNotContain("WARN").doesNotContain("ERROR");
    }

    @Test
    void a_message_whose_queue_is_gone_when_it_comes_back_is_parked() throws Exception {
        route(this::keep);

        side.send(RETRY_QUEUE + ".100ms", "no-such-queue", "{}".getBytes(UTF_8), new MessageProperties());

        assertThat(awaitParked().getBody()).asString().isEqualTo("{}");
    }

    @Test
    void attempts_that_a_sender_forges_are_not_believed() throws Exception {
        route(exchange -> {
            keep(exchange);
            throw new UnreadableMessage("not like this", null);
        });
        MessageProperties properties = new MessageProperties();
        properties.setHeader("etd-attempts", Long.MAX_VALUE);
        properties.setHeader("etd-first-seen", "1999-12-31T00:00:00Z");
        properties.setHeader("etd-exchange", "payments");
        properties.setHeader("etd-routing-key", "payment.approved");

        send("{}", properties);

        assertThat(next().getMessage().getHeaders())
                .containsEntry("CamelSpringRabbitmqExchangeName", exchange)
                .containsEntry("CamelSpringRabbitmqRoutingKey", "order.received");
        Message parked = side.receive(parkingQueue);
        assertThat((Integer) header(parked, "etd-parked-attempts")).isEqualTo(1);
        assertThat((String) header(parked, "etd-parked-exchange")).isEqualTo(exchange);
    }

    @Test
    void a_repeat_of_a_correlated_message_is_acknowledged_and_said_once(CapturedOutput output) throws Exception {
        route(this::keep);
        MessageProperties properties = new MessageProperties();
        properties.setMessageId("m-repeated");

        send("{\"n\": 1}", properties);
        next();
        await().untilAsserted(() -> assertThat(count("correlated")).isEqualTo(1));
        send("{\"n\": 1}", properties);
        send("{\"n\": 1}", properties);

        await().untilAsserted(() -> assertThat(count("duplicate")).isEqualTo(2));
        assertThat(received).isEmpty();
        assertThat(output.getOut().lines().filter(line -> line.contains("WARN")))
                .singleElement()
                .asString()
                .contains("Message m-repeated of queue " + queue + " has been correlated before");
    }

    @Test
    void an_id_with_another_body_is_another_message(CapturedOutput output) throws Exception {
        route(this::keep);
        MessageProperties properties = new MessageProperties();
        properties.setMessageId("m-reused");

        for (int n = 1; n <= 3; n++) {
            send("{\"n\": " + n + "}", properties);
            next();
        }

        await().untilAsserted(() -> assertThat(count("correlated")).isEqualTo(3));
        assertThat(output.getOut().lines().filter(line -> line.contains("WARN")))
                .singleElement()
                .asString()
                .contains(
                        "The id m-reused of a message of queue " + queue + " has been used before, with another body");
    }

    @Test
    void messages_whose_line_is_cut_before_they_are_acknowledged_come_again_as_duplicates() throws Exception {
        int messages = 20;
        CountDownLatch atWork = new CountDownLatch(4); // as many as there are consumers
        CountDownLatch cut = new CountDownLatch(1);
        try (FaultyLine line = new FaultyLine(broker.host(), broker.port());
                BrokerSide cutOff = new BrokerSide(
                        broker, line.port(), settings(parkingQueue).toArray(String[]::new))) {
            cutOff.camel.getRegistry().bind(queue, (Processor) exchange -> {
                keep(exchange);
                atWork.countDown();
                cut.await();
            });
            cutOff.routes(yaml("routeConfigurationId: message-errors"));
            awaitConsumers();
            for (int n = 0; n < messages; n++) {
                MessageProperties properties = new MessageProperties();
                properties.setMessageId("m-" + n);
                send("{\"n\": " + n + "}", properties);
            }
            atWork.await();
            line.cut();
            cut.countDown();
            await().untilAsserted(() -> assertThat(count(cutOff, "correlated")).isEqualTo(4));
            line.mend();

            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(side.messages(queue)).isZero());
            await().untilAsserted(() -> assertThat(count(cutOff, "correlated")).isEqualTo(messages));
            assertThat(count(cutOff, "duplicate")).isEqualTo(4);
            assertThat(received.stream().map(exchange -> exchange.getMessage().getBody(ObjectNode.class)))
                    .hasSize(messages)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void a_message_that_cannot_wait_because_its_retry_queue_is_gone_is_parked(CapturedOutput output) throws Exception {
        route(exchange -> {
            throw new IOException("nobody waits yet");
        });
        side.admin.deleteExchange(RETRY_QUEUE + ".100ms");

        send("{}", new MessageProperties());

        assertThat((String) header(side.receive(parkingQueue), "etd-parked-reason"))
                .isEqualTo("IOException: nobody waits yet");
        assertThat(output).contains("cannot wait for its next try: there is no exchange '" + RETRY_QUEUE + ".100ms'");
    }

    @Test
    void a_message_that_failed_is_no_duplicate() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        route(exchange -> {
            if (tries.incrementAndGet() == 1) {
                throw new UnreadableMessage("not like this", null);
            }
            keep(exchange);
        });
        MessageProperties properties = new MessageProperties();
        properties.setMessageId("m-failed");
        send("{}", properties);
        assertThat(side.receive(parkingQueue)).isNotNull();

        send("{}", properties);

        next();
    }

    private double count(String outcome) {
        return count(side, outcome);
    }

    private double count(BrokerSide at, String outcome) {
        return at
                .application
                .getBean(MeterRegistry.class)
                .find("etd.messages")
                .tags("queue", queue, "outcome", outcome)
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    @Test
    void a_queue_that_vanishes_is_declared_again() throws Exception {
        route(this::keep);

        side.admin.deleteQueue(queue);

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(side.admin.getQueueInfo(queue))
                .isNotNull()
                .satisfies(info -> assertThat(info.getConsumerCount()).isPositive()));
        send("{}", new MessageProperties());
        next();
    }

    @Test
    void what_the_broker_does_not_let_us_declare_is_said_and_tried_again(CapturedOutput output) throws Exception {
        exchange = "amq." + exchange; // a prefix that RabbitMQ keeps for itself
        side.camel.getRegistry().bind(queue, (Processor) this::keep);
        side.routes(yaml("group: receive"));

        String complaint = "spring-rabbitmq:" + exchange + " with queue " + queue
                + " waits: the broker does not let us declare what it needs: ACCESS_REFUSED";
        await().untilAsserted(() -> assertThat(output).contains(complaint).contains("set etd.broker.declare=false"));

        stopRoute();
    }

    @Test
    void a_parked_message_does_not_expire() throws Exception {
        route(this::keep);
        MessageProperties properties = new MessageProperties();
        properties.setExpiration("60000");

        side.send(exchange, "order.received", "poison".getBytes(UTF_8), properties);

        assertThat(side.receive(parkingQueue).getMessageProperties().getExpiration())
                .isNull();
    }

    private Message awaitParked() {
        await().atMost(Duration.ofSeconds(15)).until(() -> side.admin.getQueueInfo(parkingQueue) != null);
        return side.receive(parkingQueue);
    }
}
