package org.externaltask.dispatcher.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.externaltask.dispatcher.sandbox.FreePort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.DirectExchange;
import org.springframework.amqp.core.FanoutExchange;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.core.Queue;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Receive routes while the broker is away. */
@ExtendWith(OutputCaptureExtension.class)
class ReceiveFaultTest {

    private static final String ROUTE = """
            - route:
                id: msg_OrderReceived
                routeConfigurationId: message-errors
                from:
                  uri: spring-rabbitmq:orders
                  parameters:
                    queues: order-received
                    routingKey: order.received
                  steps:
                    - process:
                        ref: work
            """;

    private final AtomicInteger received = new AtomicInteger();

    @Test
    void a_route_starts_without_a_broker_and_finds_it_later_even_an_empty_one(CapturedOutput output) throws Exception {
        int port = FreePort.find();
        TestBroker nobody = new TestBroker("127.0.0.1", port, null);
        try (BrokerSide side = new BrokerSide(nobody, port)) {
            side.camel.getRegistry().bind("work", (Processor) exchange -> received.incrementAndGet());
            Instant start = Instant.now();
            side.routes(ROUTE);
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));

            try (TestBroker first = TestBroker.embedded(port)) {
                assertThat(first.port()).isEqualTo(port);
                sendWhenThereIsAConsumer(side);
                await().untilAtomic(received, is(1));
            }
            try (TestBroker second = TestBroker.embedded(port)) {
                assertThat(second.port()).isEqualTo(port);
                sendWhenThereIsAConsumer(side);
                await().untilAtomic(received, is(2));
            }
        }
        String address = "The broker at 127.0.0.1:" + port;
        assertThat(output.getOut()
                        .lines()
                        .filter(line -> line.contains("ERROR") || line.contains("WARN"))
                        .filter(line ->
                                !line.contains("ForgivingExceptionHandler"))) // the AMQP client's own, now and then
                .as("once before the first broker, once after it, once after the second")
                .hasSizeBetween(2, 3)
                .allSatisfy(line -> assertThat(line).contains(address + " is away"));
        assertThat(output.getOut().lines().filter(line -> line.contains(address + " is back")))
                .hasSize(2);
        assertThat(output.getOut()).doesNotContain("\tat ");
    }

    @Test
    void a_queue_that_others_declare_is_waited_for(CapturedOutput output) throws Exception {
        try (TestBroker broker = TestBroker.embedded(FreePort.find());
                BrokerSide side =
                        new BrokerSide(broker, broker.port(), "etd.broker.declare=false", "etd.broker.retry-delays=")) {
            side.camel.getRegistry().bind("work", (Processor) exchange -> received.incrementAndGet());
            side.routes(ROUTE);
            await().untilAsserted(() -> assertThat(
                            output.getOut().lines().filter(line -> line.contains("order-received")))
                    .as("one line, though four consumers look for the queue")
                    .singleElement()
                    .asString()
                    .endsWith("spring-rabbitmq:orders with queue order-received waits: the broker has no exchange"
                            + " 'etd.parked', exchange 'orders', queue 'etd.parked', queue 'order-received'; import the"
                            + " definitions that --etd.broker.print-definitions=true prints, or let ETD declare it with"
                            + " etd.broker.declare=true"));
            assertThat(side.admin.getQueueInfo("order-received")).isNull();

            side.admin.declareQueue(new Queue("order-received"));
            side.admin.declareQueue(new Queue("etd.parked"));
            side.admin.declareExchange(new FanoutExchange("etd.parked"));
            side.admin.declareExchange(new DirectExchange("orders"));
            side.admin.declareBinding(
                    new Binding("order-received", Binding.DestinationType.QUEUE, "orders", "order.received", Map.of()));

            sendWhenThereIsAConsumer(side);
            await().untilAtomic(received, is(1));
        }
    }

    @Test
    void a_line_that_is_cut_during_the_work_brings_the_message_again() throws Exception {
        try (TestBroker broker = TestBroker.embedded(FreePort.find())) {
            FaultyLine line = new FaultyLine(broker.host(), broker.port());
            int port = line.port();
            try (BrokerSide side = new BrokerSide(broker, port)) {
                side.camel.getRegistry().bind("work", (Processor) exchange -> {
                    if (received.incrementAndGet() == 1) {
                        line.close();
                        throw new IOException("the engine is away too");
                    }
                });
                side.routes(ROUTE);
                sendWhenThereIsAConsumer(side);
                await().atMost(Duration.ofSeconds(10)).until(() -> received.get() >= 1);

                try (FaultyLine mended = new FaultyLine(broker.host(), broker.port(), port)) {
                    assertThat(mended.port()).isEqualTo(port);
                    await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                        assertThat(received.get()).isGreaterThan(1);
                        assertThat(side.messages("order-received")).isZero();
                    });
                }
            }
        }
    }

    private static void sendWhenThereIsAConsumer(BrokerSide side) {
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> side.admin.getQueueInfo("order-received").getConsumerCount() > 0);
        side.send("orders", "order.received", "{}".getBytes(UTF_8), new MessageProperties());
    }
}
