package org.externaltask.dispatcher.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.apache.camel.Processor;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.core.Queue;
import org.springframework.boot.test.system.CapturedOutput;

/** What a receive route can rely on with RabbitMQ. */
class ReceiveFromRabbitMqTest extends ReceiveTest {

    @Override
    TestBroker startBroker() {
        return TestBroker.rabbitMq();
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
                                "x-dead-letter-routing-key", parkingQueue))));
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
        properties.setHeader("CC", java.util.List.of(victim));
        side.send("", queue, "poison".getBytes(UTF_8), properties);
        assertThat(side.receive(victim))
                .as("RabbitMQ's own copy, when the message was sent")
                .isNotNull();

        assertThat(side.receive(parkingQueue)).isNotNull();

        assertThat(side.messages(victim)).isZero();
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
