package org.externaltask.dispatcher.broker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What a receive route can rely on, on any broker. The routes say no more than a route author has to. */
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ReceiveTest {

    TestBroker broker;
    BrokerSide side;
    String parkingQueue;

    String queue;
    String exchange;
    final Queue<Exchange> received = new ConcurrentLinkedQueue<>();

    abstract TestBroker startBroker() throws Exception;

    /** The dispatcher's own settings for this broker. */
    abstract List<String> settings();

    @BeforeAll
    void connect() throws Exception {
        broker = startBroker();
        parkingQueue = BrokerSide.name("parked");
        side = new BrokerSide(broker, broker.port(), settings(parkingQueue).toArray(String[]::new));
        side.willDelete(parkingQueue);
        side.willDeleteExchange(parkingQueue);
    }

    List<String> settings(String parking) {
        List<String> properties = new ArrayList<>(settings());
        properties.add("etd.broker.parking-queue=" + parking);
        return properties;
    }

    @AfterAll
    void disconnect() {
        if (side != null) {
            side.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    @BeforeEach
    void fresh() {
        queue = side.willDelete(BrokerSide.name("queue"));
        exchange = side.exchangeName();
        received.clear();
        if (side.admin.getQueueInfo(parkingQueue) != null) {
            side.admin.purgeQueue(parkingQueue);
        }
    }

    @Test
    void a_route_gets_a_json_object_in_which_numbers_are_as_they_were_sent() throws Exception {
        route(this::keep);

        send("{\"amount\": 100000000000000000.10, \"id\": 9007199254740993}", new MessageProperties());

        ObjectNode body = (ObjectNode) next().getMessage().getBody();
        assertThat(body.get("amount").decimalValue()).isEqualTo("100000000000000000.10");
        assertThat(body.get("id").longValue()).isEqualTo(9007199254740993L);
    }

    @Test
    void content_type_and_encoding_of_a_sender_are_not_believed() throws Exception {
        route(this::keep);
        MessageProperties properties = new MessageProperties();
        properties.setContentType("text/plain");
        properties.setContentEncoding("gzip");

        side.send(exchange, "order.received", "{\"name\": \"Zoë\"}".getBytes(UTF_8), properties);
        side.send(exchange, "order.received", "{\"name\": \"Zoë\"}".getBytes(UTF_16), properties);

        assertThat(List.of(next(), next())).allSatisfy(exchange -> assertThat(exchange.getMessage()
                        .getBody(ObjectNode.class)
                        .get("name")
                        .textValue())
                .isEqualTo("Zoë"));
    }

    @Test
    void only_headers_on_the_allow_list_come_in() throws Exception {
        route(this::keep);
        MessageProperties properties = new MessageProperties();
        properties.setMessageId("m-1");
        properties.setCorrelationId("c-1");
        properties.setType("java.lang.Runtime");
        properties.setHeader("etd-business-key", "order-1");
        properties.setHeader("etd-task-id", Map.of("not", "text"));
        properties.setHeader("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        properties.setHeader("CamelHttpUri", "http://evil/");
        properties.setHeader("cAmElHttpUri", "http://evil/");
        properties.setHeader("CamelSpringRabbitmqExchangeOverrideName", "evil");
        properties.setHeader("Authorization", "Bearer stolen");
        properties.setHeader("operationName", "delete");
        properties.setHeader("x-other", List.of());

        send("{}", properties);

        Map<String, Object> headers = next().getMessage().getHeaders();
        assertThat(headers)
                .containsOnlyKeys(
                        "etd-business-key",
                        "traceparent",
                        "CamelSpringRabbitmqMessageId",
                        "CamelSpringRabbitmqCorrelationId",
                        "CamelSpringRabbitmqExchangeName",
                        "CamelSpringRabbitmqRoutingKey",
                        "CamelSpringRabbitmqRedelivered")
                .containsEntry("etd-business-key", "order-1")
                .containsEntry("CamelSpringRabbitmqMessageId", "m-1");
    }

    @Test
    void nobody_is_answered_whatever_reply_to_says() throws Exception {
        String victim = side.queue();
        route(this::keep);
        MessageProperties properties = new MessageProperties();
        properties.setReplyTo(victim);

        send("{}", properties);

        assertThat(next().getPattern()).isEqualTo(ExchangePattern.InOnly);
        await().untilAsserted(() -> assertThat(side.messages(queue)).isZero());
        stopRoute();
        assertThat(side.messages(victim)).isZero();
    }

    static Stream<Arguments> poison() throws IOException {
        return Stream.of(
                Arguments.of("an empty body", new byte[0], "the body is empty; expected a JSON object"),
                Arguments.of("blanks", " \n".getBytes(UTF_8), "the body is empty; expected a JSON object"),
                Arguments.of("text", "secret".getBytes(UTF_8), "the body is not JSON (line 1, column 1)"),
                Arguments.of("half of it", "{\"a\":".getBytes(UTF_8), "the body is not JSON (line 1, column 6)"),
                Arguments.of("too much", "{} {}".getBytes(UTF_8), "the body is not JSON (line 1, column 4)"),
                Arguments.of("an array", "[{}]".getBytes(UTF_8), "the body is a JSON array; expected a JSON object"),
                Arguments.of("a string", "\"x\"".getBytes(UTF_8), "the body is a JSON string; expected a JSON object"),
                Arguments.of("null", "null".getBytes(UTF_8), "the body is a JSON null; expected a JSON object"),
                Arguments.of("Latin-1", "{\"a\":\"\u00e4\"}".getBytes(ISO_8859_1), "the body is not JSON"),
                Arguments.of("nested too deep", "{\"a\":".repeat(2000).getBytes(UTF_8), "the body is not JSON"),
                Arguments.of("zipped", zipped("{}"), "the body is not JSON (line 1, column 2)"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("poison")
    void a_message_that_cannot_be_read_is_parked_at_once_and_the_next_one_goes_on(
            String name, byte[] body, String reason, CapturedOutput output) throws Exception {
        route(this::keep);
        MessageProperties properties = new MessageProperties();
        properties.setMessageId("poison-1");
        properties.setContentType("text/plain"); // with such an encoding, Camel's own converter fails outside the route
        properties.setContentEncoding("x-unknown");

        side.send(exchange, "order.received", body, properties);
        send("{\"good\": true}", new MessageProperties());

        assertThat(next().getMessage().getBody(ObjectNode.class).get("good").booleanValue())
                .isTrue();
        Message parked = side.receive(parkingQueue);
        assertThat(parked.getBody()).isEqualTo(body);
        assertThat(parked.getMessageProperties().getMessageId()).isEqualTo("poison-1");
        assertThat((String) header(parked, "etd-parked-reason")).startsWith(reason);
        assertThat(received).isEmpty();
        await().untilAsserted(() -> assertThat(output.getOut().lines().filter(line -> line.contains("WARN")))
                .filteredOn(line -> line.contains(queue))
                .singleElement()
                .asString()
                .contains("Parked message poison-1 of queue " + queue + ": " + reason));
        assertThat(output).doesNotContain("secret").doesNotContain("DefaultErrorHandler");
    }

    @Test
    void parked_messages_stay_however_often_they_are_looked_at_but_for_those_that_are_sent_back() throws Exception {
        route(this::keep);
        ParkedMessages parked = side.application.getBean(ParkedMessages.class);
        List<String> ids = List.of("m-1", "m-2", "m-3");
        for (String id : ids) {
            MessageProperties properties = new MessageProperties();
            properties.setMessageId(id);
            send("no JSON", properties);
            await().atMost(Duration.ofSeconds(10)).until(() -> parkedCount() == ids.indexOf(id) + 1);
        }

        for (int look = 0; look < 3; look++) {
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(parkedIds(parked)).containsExactlyInAnyOrderElementsOf(ids));
        }
        await("what was looked at is back")
                .atMost(Duration.ofSeconds(10))
                .until(() -> parked.redrive(queue, "m-3").sent().equals(Map.of(queue, 1)));
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(parkedIds(parked)).containsExactlyInAnyOrderElementsOf(ids));
        assertThat(received).as("it is no JSON this time either").isEmpty();
    }

    private static List<String> parkedIds(ParkedMessages parked) {
        return parked.list().messages().stream().map(ParkedMessage::messageId).toList();
    }

    @Test
    void a_failing_step_is_tried_again_and_then_the_message_is_done() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        route(exchange -> {
            if (tries.incrementAndGet() < 3) {
                throw new IOException("the engine is away");
            }
            keep(exchange);
        });

        send("{}", new MessageProperties());

        next();
        assertThat(tries).hasValue(3);
        await().untilAsserted(() -> assertThat(side.messages(queue)).isZero());
        assertThat(parkedCount()).isZero();
    }

    @Test
    void a_message_that_fails_until_its_time_is_over_is_parked_as_it_came(CapturedOutput output) throws Exception {
        AtomicInteger tries = new AtomicInteger();
        route(exchange -> {
            tries.incrementAndGet();
            exchange.getMessage().setBody("changed");
            throw new IOException("the engine\r\nis away");
        });
        MessageProperties properties = new MessageProperties();
        properties.setMessageId("m-1\r\nforged");
        properties.setContentType("application/json");
        properties.setDeliveryMode(MessageDeliveryMode.NON_PERSISTENT);
        properties.setHeader("x-own", "kept");
        Instant sent = Instant.now();

        send("{\"n\": 1}", properties);

        Message parked = side.template.receive(parkingQueue, 20_000);
        assertThat(tries.get()).isGreaterThan(4);
        assertThat(parked.getBody()).asString().isEqualTo("{\"n\": 1}");
        assertThat(parked.getMessageProperties()).satisfies(kept -> {
            assertThat(kept.getMessageId()).isEqualTo("m-1\r\nforged");
            assertThat(kept.getContentType()).isEqualTo("application/json");
            assertThat(kept.getReceivedDeliveryMode()).isEqualTo(MessageDeliveryMode.PERSISTENT);
            assertThat(kept.getHeaders())
                    .containsEntry("x-own", "kept")
                    .containsEntry("etd-parked-reason", "IOException: the engine is away")
                    .containsEntry("etd-parked-queue", queue)
                    .containsEntry("etd-parked-exchange", exchange)
                    .containsEntry("etd-parked-routing-key", "order.received")
                    .doesNotContainKeys("etd-attempts", "etd-first-seen");
        });
        assertThat(Instant.parse(header(parked, "etd-parked-first-seen"))).isBefore(sent.plusSeconds(3));
        assertThat(Instant.parse(header(parked, "etd-parked-at"))).isAfter(sent.plusSeconds(3));
        await().untilAsserted(() -> assertThat(side.messages(queue)).isZero());
        assertThat(output.getOut().lines().filter(line -> line.contains("WARN") || line.contains("ERROR")))
                .filteredOn(line -> line.contains("Parked") && line.contains(queue))
                .singleElement()
                .asString()
                .contains(
                        "Parked message m-1 forged of queue " + queue + ": IOException; what it says is in the header")
                .doesNotContain("engine is away");
        assertThat(output).doesNotContain("DefaultErrorHandler").doesNotContain("\tat org.externaltask");
    }

    @Test
    void a_mapping_that_fails_is_parked_at_once_without_a_stack_trace(CapturedOutput output) throws Exception {
        side.routes("""
                - route:
                    id: %s
                    routeConfigurationId: message-errors
                    from:
                      uri: spring-rabbitmq:%s
                      parameters:
                        queues: %s
                        routingKey: order.received
                      steps:
                        - transform:
                            expression:
                              jq:
                                expression: .orderId + 1
                """.formatted(queue, exchange, queue));
        awaitConsumers();
        Instant sent = Instant.now();

        send("{\"orderId\": \"text\"}", new MessageProperties());

        assertThat((String) header(side.receive(parkingQueue), "etd-parked-reason"))
                .contains("cannot be added");
        assertThat(Duration.between(sent, Instant.now())).isLessThan(Duration.ofSeconds(3));
        assertThat(output).doesNotContain("DefaultErrorHandler").doesNotContain("\tat org.externaltask");
    }

    @Test
    void a_route_that_forgets_the_error_configuration_loses_nothing_either() throws Exception {
        side.camel.getRegistry().bind(queue, (Processor) exchange -> {
            throw new IOException("broken");
        });
        side.routes(yaml("group: receive"));
        awaitConsumers();

        send("{}", new MessageProperties());

        assertThat((String) header(side.template.receive(parkingQueue, 20_000), "etd-parked-reason"))
                .isEqualTo("IOException: broken");
        await().untilAsserted(() -> assertThat(side.messages(queue)).isZero());
    }

    @Test
    void a_sender_cannot_choose_where_its_parked_message_goes() throws Exception {
        String victim = side.queue();
        route(this::keep);
        MessageProperties properties = new MessageProperties();
        properties.setHeader("CC", List.of(parkingQueue + ".x"));
        properties.setReplyTo(victim);

        // RabbitMQ itself honours CC when the message is first sent, so the victim is named after that
        side.send(exchange, "order.received", "poison".getBytes(UTF_8), properties);

        assertThat(side.receive(parkingQueue).getMessageProperties().getHeaders())
                .doesNotContainKeys("CC", "BCC");
        assertThat(side.messages(victim)).isZero();
    }

    @Test
    void a_stopping_route_gives_back_the_message_that_is_tried_again() throws Exception {
        route(exchange -> {
            keep(exchange);
            throw new IOException("the engine is away");
        });
        send("{\"n\": 1}", new MessageProperties());
        await().until(() -> received.size() >= 3); // its next try comes a second later
        Instant stopping = Instant.now();

        stopRoute();

        assertThat(Duration.between(stopping, Instant.now())).isLessThan(Duration.ofSeconds(10));
        assertThat(side.receive(queue).getBody()).asString().isEqualTo("{\"n\": 1}");
        assertThat(parkedCount()).isZero();
    }

    static Stream<Arguments> refusedOptions() {
        return Stream.of(
                Arguments.of("routingKey: order.received", "queues is missing"),
                Arguments.of("queues: q", "routingKey is missing"),
                Arguments.of(
                        "queues: q\n        routingKey: k\n        exchangeType: topics", "exchangeType is 'topics'"),
                Arguments.of("{queues: q, routingKey: k, asyncConsumer: true}", "asyncConsumer=true"),
                Arguments.of("{queues: q, routingKey: k, acknowledgeMode: NONE}", "acknowledgeMode=NONE"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusedOptions")
    void options_with_which_messages_are_lost_or_never_come_are_refused(String parameters, String problem) {
        assertThatThrownBy(() ->
                        side.routes("""
                        - route:
                            id: %s
                            from:
                              uri: spring-rabbitmq:orders
                              parameters:
                                %s
                              steps:
                                - log:
                                    message: never
                        """.formatted(queue, parameters.startsWith("{") ? flat(parameters) : parameters)))
                .hasStackTraceContaining("spring-rabbitmq:orders: " + problem);
    }

    private static String flat(String parameters) {
        return parameters.substring(1, parameters.length() - 1).replace(", ", "\n        ");
    }

    @Test
    void sending_over_camel_s_own_component_is_refused_because_it_does_not_wait_for_the_broker() {
        Exchange sent = side.camelTemplate.send(
                "spring-rabbitmq:orders", ExchangePattern.InOnly, exchange -> exchange.getMessage()
                        .setBody("{}"));

        assertThat(sent.getException())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("kamelet:publish-message");
    }

    void keep(Exchange exchange) {
        received.add(exchange.copy());
    }

    Exchange next() {
        await().atMost(Duration.ofSeconds(10)).until(() -> !received.isEmpty());
        return received.remove();
    }

    void route(Processor work) throws Exception {
        side.camel.getRegistry().bind(queue, work);
        side.routes(yaml("routeConfigurationId: message-errors"));
        awaitConsumers();
    }

    String yaml(String attribute) {
        return """
                - route:
                    id: %s
                    %s
                    from:
                      uri: spring-rabbitmq:%s
                      parameters:
                        queues: %s
                        routingKey: order.received
                      steps:
                        - process:
                            ref: %s
                """.formatted(queue, attribute, exchange, queue, queue);
    }

    void awaitConsumers() {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(side.admin.getQueueInfo(queue))
                .isNotNull()
                .satisfies(info -> assertThat(info.getConsumerCount()).isEqualTo(4)));
    }

    void stopRoute() throws Exception {
        side.camel.getRouteController().stopRoute(queue);
    }

    void send(String body, MessageProperties properties) {
        side.send(exchange, "order.received", body.getBytes(UTF_8), properties);
    }

    int parkedCount() {
        return side.admin.getQueueInfo(parkingQueue) == null ? 0 : side.messages(parkingQueue);
    }

    @SuppressWarnings("unchecked")
    static <T> T header(Message message, String name) {
        return (T) message.getMessageProperties().getHeader(name);
    }

    private static byte[] zipped(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }
}
