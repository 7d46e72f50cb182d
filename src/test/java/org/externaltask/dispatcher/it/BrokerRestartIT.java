package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.externaltask.dispatcher.sandbox.OwnRabbitMq;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.context.ConfigurableApplicationContext;

/** A broker that restarts while a dispatcher has messages that it has not acknowledged. */
@Tag("any-engine")
class BrokerRestartIT {

    private static final URI ENGINE = Surroundings.ENGINE.baseUrl();
    private static final int MESSAGES = 50;
    private static final Duration SOON = Duration.ofSeconds(60);

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Test
    void messages_that_were_not_acknowledged_when_the_broker_was_killed_come_again_and_none_is_lost() throws Exception {
        try (OwnRabbitMq rabbitMq = OwnRabbitMq.started();
                FaultyLine line = new FaultyLine("localhost", ENGINE.getPort());
                ConfigurableApplicationContext dispatcher =
                        Dispatcher.start(arguments(rabbitMq, "http://localhost:" + line.port() + ENGINE.getPath()))) {
            assertThat(dispatcher.isRunning()).isTrue();
            List<String> instances = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                instances.add(engine.startProcess("one-message", "R-" + i, Map.of()));
            }
            line.swallowAnswers(true); // the first message is in work, and the others wait behind it
            send(rabbitMq);
            await().atMost(SOON).until(() -> rabbitMq.control("list_queues", "-q", "name", "messages_unacknowledged")
                    .contains("msg_OrderReceived\t" + MESSAGES));

            rabbitMq.kill();
            rabbitMq.start();
            line.swallowAnswers(false);

            await().atMost(SOON).untilAsserted(() -> assertThat(instances).allMatch(engine::isEnded));
            await().atMost(SOON).until(() -> rabbitMq.control("list_queues", "-q", "name", "messages")
                    .contains("msg_OrderReceived\t0"));
            for (String instance : instances) {
                assertThat(engine.finishedActivities(instance)).containsExactly("start", "wait", "end");
            }
            assertThat(parked(rabbitMq))
                    .as("the one that had reached the engine came again and may be taken for one that nobody waits for")
                    .isSubsetOf("R-0");
        }
    }

    private static List<String> arguments(OwnRabbitMq rabbitMq, String engine) {
        List<String> arguments =
                Dispatcher.arguments("classpath:routes", URI.create(engine), rabbitMq.host(), rabbitMq.port());
        arguments.add("--camel.component.spring-rabbitmq.prefetch-count=" + MESSAGES);
        arguments.add("--camel.component.spring-rabbitmq.concurrent-consumers=1");
        return arguments;
    }

    private static void send(OwnRabbitMq rabbitMq) {
        withConnection(rabbitMq, template -> {
            for (int i = 0; i < MESSAGES; i++) {
                String body = "{\"orderNumber\": \"R-%d\", \"receivedAt\": \"2026-01-31T12:00:00Z\"}".formatted(i);
                template.send("orders", "order.received", message("R-" + i, body));
            }
        });
    }

    private static Set<String> parked(OwnRabbitMq rabbitMq) {
        Set<String> ids = new HashSet<>();
        withConnection(rabbitMq, template -> {
            for (Message message = template.receive("etd.parked");
                    message != null;
                    message = template.receive("etd.parked")) {
                ids.add(message.getMessageProperties().getMessageId());
            }
        });
        return ids;
    }

    private static void withConnection(OwnRabbitMq rabbitMq, Consumer<RabbitTemplate> work) {
        CachingConnectionFactory connections = new CachingConnectionFactory(rabbitMq.host(), rabbitMq.port());
        connections.setUsername("guest");
        connections.setPassword("guest");
        try {
            work.accept(new RabbitTemplate(connections));
        } finally {
            connections.destroy();
        }
    }

    private static Message message(String id, String body) {
        return MessageBuilder.withBody(body.getBytes(StandardCharsets.UTF_8))
                .setContentType("application/json")
                .setMessageId(id)
                .setDeliveryMode(MessageDeliveryMode.PERSISTENT)
                .build();
    }
}
