package org.externaltask.dispatcher.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.component.springrabbit.SpringRabbitMQComponent;
import org.apache.camel.support.DefaultExchange;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.RabbitMq;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Messages that are lost by naive routes, and what {@code kamelet:publish-message} and a receive route do in the same place. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MessagesTest {

    private static final String FAILS = "etd-test-security-fails";

    private final String parked = "etd-test-security-parked-" + UUID.randomUUID();
    private RabbitMq broker;
    private CachingConnectionFactory connection;
    private RabbitAdmin admin;
    private ConfigurableApplicationContext etd;

    @BeforeAll
    void start() {
        broker = RabbitMq.required();
        connection = connection(ConfirmType.NONE);
        admin = new RabbitAdmin(connection);
        etd = new SpringApplicationBuilder(DispatcherApplication.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--etd.routes=file:src/test/resources/security/own",
                        "--etd.engines.default.base-url=http://localhost:1",
                        "--etd.gateways.default.base-url=http://localhost:1",
                        "--etd.broker.parking-queue=" + parked,
                        "--spring.rabbitmq.host=" + broker.host(),
                        "--spring.rabbitmq.port=" + broker.port());
    }

    @AfterAll
    void stop() {
        if (etd != null) {
            etd.close();
            admin.deleteQueue(FAILS);
            admin.deleteQueue(parked);
            connection.destroy();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, etd-test-no-such-exchange",
        "SIMPLE, etd-test-no-such-exchange",
        "NONE, amq.direct",
        "SIMPLE, amq.direct",
        "CORRELATED, amq.direct"
    })
    void finding_5_naively_a_message_that_reaches_nobody_counts_as_sent(ConfirmType confirms, String exchange)
            throws Exception {
        try (NaiveCamel naive = naive(confirms, Map.of("exchange", exchange))) {
            assertThat(naive.with("publish")
                            .send("publish", "{}", Map.of(), Map.of())
                            .getException())
                    .isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "msg_PublishNowhere, there is no exchange 'etd-test-no-such-exchange' (routing key 'nobody')",
        "msg_PublishUnroutable, exchange 'amq.direct' with routing key 'nobody'"
    })
    void finding_5_a_message_that_reaches_nobody_is_a_failure_that_names_exchange_and_key(String topic, String where) {
        CamelContext camel = etd.getBean(CamelContext.class);
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage().setBody(JsonNodeFactory.instance.objectNode());
        exchange.setVariable("topicName", topic);
        exchange.setVariable("taskId", "task-1");

        camel.createProducerTemplate().send("external-task:" + topic + "?engine=default", exchange);

        assertThat(exchange.getException()).isNotNull().hasMessageContaining(where);
    }

    @ParameterizedTest
    @ValueSource(strings = {"receive", "receive-async"})
    void finding_6_naively_a_message_whose_route_fails_is_gone(String route) throws Exception {
        String queue = "etd-test-security-naive-" + UUID.randomUUID();
        admin.declareQueue(new Queue(queue, true, false, false, new HashMap<>()));
        try (NaiveCamel naive = naive(ConfirmType.NONE, Map.of("queue", queue))) {
            MockEndpoint reached = naive.with(route).camel.getEndpoint("mock:reached", MockEndpoint.class);
            reached.expectedMinimumMessageCount(1);
            new RabbitTemplate(connection).convertAndSend(queue, "{}");

            reached.assertIsSatisfied(20_000);
        }
        // What was not acknowledged would be back in the queue now that its consumer is gone.
        await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(10)).until(() -> messages(queue) == 0);
        admin.deleteQueue(queue);
    }

    @Test
    void finding_6_a_message_whose_route_fails_is_parked() {
        await().atMost(Duration.ofSeconds(20)).until(() -> admin.getQueueInfo(FAILS) != null);

        new RabbitTemplate(connection).convertAndSend(FAILS, "{\"name\": {\"a\": 1}}");

        Message message = new RabbitTemplate(connection).receive(parked, 20_000);
        assertThat(message).isNotNull();
        assertThat(new String(message.getBody(), UTF_8)).isEqualTo("{\"name\": {\"a\": 1}}");
    }

    private int messages(String queue) {
        return admin.getQueueInfo(queue).getMessageCount();
    }

    private CachingConnectionFactory connection(ConfirmType confirms) {
        CachingConnectionFactory factory = new CachingConnectionFactory(broker.host(), broker.port());
        factory.setUsername("guest");
        factory.setPassword("guest");
        factory.setPublisherConfirmType(confirms);
        return factory;
    }

    private NaiveCamel naive(ConfirmType confirms, Map<String, String> properties) {
        NaiveCamel naive = new NaiveCamel(properties);
        SpringRabbitMQComponent component = new SpringRabbitMQComponent();
        component.setConnectionFactory(connection(confirms));
        component.setAutoDeclare(false);
        naive.camel.addComponent("spring-rabbitmq", component);
        return naive;
    }
}
