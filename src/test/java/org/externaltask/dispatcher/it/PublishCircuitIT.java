package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.externaltask.dispatcher.sandbox.OwnRabbitMq;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthEndpoint;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A topic that publishes, while RabbitMQ is away or short of memory. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "etd.routes=file:src/test/resources/circuit",
            "etd.gateways.healthy.base-url=http://localhost:1",
            "etd.gateways.hanging.base-url=http://localhost:1",
            "etd.broker.confirm-timeout=2s",
            "etd.broker.circuit.sliding-window-size=4",
            "etd.broker.circuit.minimum-number-of-calls=4",
            "etd.broker.circuit.wait-duration-in-open-state=1s",
            "etd.broker.circuit.max-wait-duration-in-open-state=2s"
        })
@DirtiesContext // or this dispatcher would take the tasks of the next test
@ExtendWith(OutputCaptureExtension.class)
@Tag("any-engine")
class PublishCircuitIT {

    private static final String QUEUE = "etd-test-sent";
    private static final int TRIES = 3;
    private static final int WINDOW = 4;
    private static final int MAX_CONCURRENT = 4;

    static {
        // Spring AMQP throws on threads of its own when a connection is cut.
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
    }

    private static OwnRabbitMq rabbitMq;
    private static FaultyLine line;
    private static CachingConnectionFactory connection;
    private static RabbitAdmin admin;

    private final HealthEndpoint health;
    private final Circuit broker;

    PublishCircuitIT(@Autowired HealthEndpoint health, @Autowired Circuits circuits) {
        this.health = health;
        this.broker = circuits.broker();
    }

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) throws IOException {
        rabbitMq = OwnRabbitMq.started();
        line = new FaultyLine(rabbitMq.host(), rabbitMq.port());
        connection = new CachingConnectionFactory(rabbitMq.host(), rabbitMq.port());
        admin = new RabbitAdmin(connection);
        admin.declareQueue(new Queue(QUEUE));
        Surroundings.connect(properties);
        properties.add("spring.rabbitmq.host", () -> "127.0.0.1");
        properties.add("spring.rabbitmq.port", line::port);
    }

    @AfterAll
    static void stop() throws IOException {
        connection.destroy();
        line.close();
        rabbitMq.close();
    }

    @BeforeEach
    void publishOnce() {
        admin.purgeQueue(QUEUE);
        Work.awaitDone(Work.start("msg_Publish"));
        awaitMessages(1);
    }

    @Test
    void a_broker_that_is_away_takes_the_topics_that_publish_out_of_the_fetch_until_it_is_back(CapturedOutput log) {
        line.cut();
        List<String> waiting = start(12);
        await().atMost(Work.SOON).until(() -> !broker.status().closed());
        Set<Object> phases = new HashSet<>();
        await().atMost(Work.SOON)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> phases.add(broker.status().since()) && phases.size() >= 5);

        assertThat(tasks(waiting).stream()
                        .mapToInt(PublishCircuitIT::lostRetries)
                        .sum())
                .isLessThan(WINDOW + MAX_CONCURRENT);
        await().atMost(Work.SOON).until(() -> Work.lockedTasks("msg_Publish").isEmpty());

        line.mend();

        waiting.forEach(Work::awaitDone);
        awaitMessages(waiting.size());
        assertThat(log).containsOnlyOnce("broker keeps failing: a message for default exchange");
        assertThat(log).containsOnlyOnce("broker answers again after");
    }

    @Test
    void a_broker_that_is_short_of_memory_is_left_alone_until_it_says_that_this_is_over() {
        rabbitMq.memoryAlarm(true);
        List<String> waiting = start(8);
        try {
            await().atMost(Work.SOON).until(() -> broker.status().state().equals("blocked"));

            await().atMost(Work.SOON)
                    .until(() -> Work.lockedTasks("msg_Publish").isEmpty());
            Health blocked = (Health) health.healthForPath("broker");
            assertThat(blocked.getStatus().getCode()).isEqualTo("DOWN");
            assertThat(blocked.getDetails())
                    .containsEntry("circuit", "blocked")
                    .containsEntry("reason", "the broker has blocked publishing (low on memory)");
            assertThat(health.healthForPath("rabbit").getStatus().getCode()).isEqualTo("UP");
            assertThat(health.healthForPath("livenessState").getStatus().getCode())
                    .isEqualTo("UP");
            assertThat(tasks(waiting)).hasSize(8).allMatch(task -> lostRetries(task) <= 1);
        } finally {
            rabbitMq.memoryAlarm(false);
        }

        await().atMost(Work.SOON).until(() -> broker.status().closed());
        waiting.forEach(Work::awaitDone);
        awaitMessages(waiting.size());
        assertThat(health.healthForPath("broker").getStatus().getCode()).isEqualTo("UP");
    }

    @Test
    void a_connection_that_breaks_while_it_is_blocked_does_not_stay_blocked_for_ever() {
        rabbitMq.memoryAlarm(true);
        List<String> waiting = start(4);
        try {
            await().atMost(Work.SOON).until(() -> broker.status().state().equals("blocked"));
            line.cut();

            await().atMost(Work.SOON).until(() -> !broker.status().state().equals("blocked"));
        } finally {
            rabbitMq.memoryAlarm(false);
            line.mend();
        }

        waiting.forEach(Work::awaitDone);
        awaitMessages(waiting.size());
    }

    private static List<String> start(int count) {
        return Stream.generate(() -> Work.start("msg_Publish")).limit(count).toList();
    }

    private static List<JsonNode> tasks(Collection<String> instances) {
        return instances.stream().map(Work::task).toList();
    }

    private static int lostRetries(JsonNode task) {
        return task.path("retries").isNull() ? 0 : TRIES - task.path("retries").asInt();
    }

    /** A message may come twice, but then with the same id. */
    private static void awaitMessages(int count) {
        Set<String> ids = new HashSet<>();
        await().atMost(Work.SOON).until(() -> {
            List<Message> received = new ArrayList<>();
            for (Message message = receive(); message != null; message = receive()) {
                received.add(message);
            }
            received.forEach(message -> ids.add(message.getMessageProperties().getMessageId()));
            return ids.size() == count;
        });
    }

    private static Message receive() {
        return admin.getRabbitTemplate().receive(QUEUE);
    }
}
