package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.externaltask.dispatcher.sandbox.RabbitMq;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.health.HealthEndpoint;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What becomes of received messages, good and bad, between a real RabbitMQ and a real engine on a line that can break. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "etd.routes=file:src/test/resources/messages",
            "etd.broker.parking-queue=it.parked",
            "etd.broker.retry-queue=it.retry",
            "etd.broker.retry-delays=100ms,500ms",
            "etd.broker.message-ttl=6s",
            "etd.broker.max-message-bytes=100000",
            "etd.engines.default.response-timeout=3s",
            "management.endpoints.web.exposure.include=etd,health,parked"
        })
@DirtiesContext
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
class ReceivedMessageIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String PARKED = "it.parked";
    private static final List<String> TOPOLOGY = List.of(PARKED, "it.retry.100ms", "it.retry.500ms", "it.retry.back");
    private static final List<String> QUEUES = List.of("msg_Arrived", "msg_Noted", "msg_Unheard", "msg_Looked");

    private static FaultyLine line;

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final Map<String, Message> parked = new ConcurrentHashMap<>();
    private final RabbitTemplate rabbit;
    private final RabbitAdmin admin;
    private final MeterRegistry meters;
    private final CamelContext camel;
    private final HealthEndpoint health;
    private final TestRestTemplate http;

    ReceivedMessageIT(
            @Autowired ConnectionFactory connections,
            @Autowired MeterRegistry meters,
            @Autowired CamelContext camel,
            @Autowired HealthEndpoint health,
            @Autowired TestRestTemplate http) {
        rabbit = new RabbitTemplate(connections);
        admin = new RabbitAdmin(rabbit);
        this.meters = meters;
        this.camel = camel;
        this.health = health;
        this.http = http;
    }

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) throws IOException {
        RabbitMq rabbitMq = RabbitMq.required();
        Surroundings.connect(properties, rabbitMq);
        URI baseUrl = Surroundings.ENGINE.baseUrl();
        line = new FaultyLine("localhost", baseUrl.getPort());
        properties.add("etd.engines.default.base-url", () -> "http://localhost:" + line.port() + baseUrl.getPath());
    }

    /** One kind of message and what must become of it. */
    private record Row(String name, String queue, byte[] body, Consumer<MessageProperties> properties, String outcome) {

        @Override
        public String toString() {
            return name + " → " + outcome;
        }
    }

    private static final Consumer<MessageProperties> PLAIN = properties -> {};
    private static final Map<String, Row> ROWS = new LinkedHashMap<>();

    private static void row(
            String name, String queue, String body, Consumer<MessageProperties> properties, String outcome) {
        row(name, queue, body.replace("KEY", name).getBytes(UTF_8), properties, outcome);
    }

    private static void row(
            String name, String queue, byte[] body, Consumer<MessageProperties> properties, String outcome) {
        ROWS.put(name, new Row(name, queue, body, properties, outcome));
    }

    private static void row(String name, String body, String outcome) {
        row(name, "msg_Arrived", body, PLAIN, outcome);
    }

    private static void row(String name, Consumer<MessageProperties> properties) {
        row(name, "msg_Arrived", "{\"businessKey\": \"KEY\"}", properties, "correlated");
    }

    static {
        String nobody = "no process instance waits for message";
        row("plain", PLAIN);
        row("empty", "", "the body is empty");
        row("no JSON", "<order/>", "the body is not JSON");
        row("an array", "[{\"businessKey\": \"KEY\"}]", "the body is a JSON array");
        row(
                "Latin-1",
                "msg_Arrived",
                "{\"businessKey\": \"\u00e4\"}".getBytes(ISO_8859_1),
                PLAIN,
                "the body is not JSON");
        row("text that claims to be zipped", properties -> {
            properties.setContentType("text/plain");
            properties.setContentEncoding("gzip");
        });
        row(
                "claims to be serialized Java",
                properties -> properties.setContentType("application/x-java-serialized-object"));
        row("no key at all", "{\"a\": 1}", "it has neither business key nor process instance id");
        row("half a surrogate", "{\"businessKey\": \"KEY\", \"a\": \"\\ud800\"}", "half of a surrogate pair");
        row("too large", "{\"businessKey\": \"KEY\", \"a\": \"" + "x".repeat(100_000) + "\"}", "more than the 100000");
        row("unknown name", "msg_Unheard", "{\"businessKey\": \"KEY\"}", PLAIN, nobody);
        row("unknown tenant", "{\"businessKey\": \"KEY\", \"tenantId\": \"nobody's\"}", nobody);
        row("nobody", "{\"businessKey\": \"KEY\"}", nobody);
        row("two wait", "{\"businessKey\": \"KEY\"}", "several process instances wait");
        row(
                "ended instance",
                "{\"processInstanceId\": \"ENDED\"}",
                nobody + " 'msg_Arrived': the one that it names has ended");
        row(
                "cancelled instance",
                "{\"processInstanceId\": \"CANCELLED\"}",
                nobody + " 'msg_Arrived': the one that it names has been cancelled");
        row("suspended instance", "{\"businessKey\": \"KEY\"}", nobody);
        row("instance that never was", "{\"processInstanceId\": \"../../task\"}", nobody);
        row("comes too early", PLAIN);
        row(
                "a million deaths",
                properties -> properties.setHeader(
                        "x-death", List.of(Map.of("queue", "msg_Arrived", "reason", "expired", "count", 1_000_000L))));
        row("headers that steer Camel", properties -> {
            properties.setHeader("CamelHttpUri", "http://localhost:1/");
            properties.setHeader("cAmElHttpPath", "/x");
            properties.setHeader("CamelHttpMethod", "DELETE");
            properties.setHeader("Authorization", "Bearer x");
        });
        row("wants an answer", properties -> properties.setReplyTo(PARKED));
        row("with priority", properties -> properties.setPriority(9));
        row("forged headers", properties -> {
            properties.setHeader("etd-attempts", "many");
            properties.setHeader("etd-first-seen", "9999-01-01T00:00:00Z");
            properties.setHeader("etd-unanswered", true);
            properties.setHeader("etd-parked-queue", "msg_Noted");
        });
        row("gateway refuses", "msg_Looked", "{\"status\": \"404\", \"businessKey\": \"KEY\"}", PLAIN, "answered 404");
        row("gateway is ill", "msg_Looked", "{\"status\": \"503\", \"businessKey\": \"KEY\"}", PLAIN, "answered 503");
    }

    @BeforeAll
    void sendAll() throws IOException {
        for (String code : List.of("404", "503")) {
            Surroundings.GATEWAY
                    .wireMock()
                    .stubFor(get(urlEqualTo("/looked/" + code)).willReturn(status(Integer.parseInt(code))));
        }
        QUEUES.forEach(queue -> await().atMost(SOON).until(() -> consumers(queue) == 4));
        List.of(PARKED, "msg_Arrived", "msg_Noted", "msg_Unheard", "msg_Looked").forEach(admin::purgeQueue);
        String ended = start("e");
        engine.correlate("msg_Arrived", "e");
        String cancelled = start("c");
        engine.cancel(cancelled);
        for (Row row : ROWS.values()) {
            if (row.outcome().equals("correlated") && !row.name().equals("comes too early")) {
                start(row.name());
            }
        }
        start("two wait");
        start("two wait");
        engine.suspend(start("suspended instance"));
        for (Row row : ROWS.values()) {
            MessageProperties properties = new MessageProperties();
            properties.setMessageId(row.name());
            row.properties().accept(properties);
            String body =
                    new String(row.body(), ISO_8859_1).replace("ENDED", ended).replace("CANCELLED", cancelled);
            rabbit.send("", row.queue(), new Message(body.getBytes(ISO_8859_1), properties));
        }
        await().atMost(SOON).until(() -> count("msg_Arrived", "retried") > 3);
        start("comes too early");
    }

    @AfterAll
    void cleanUp() throws Exception {
        camel.stop();
        QUEUES.forEach(admin::deleteQueue);
        TOPOLOGY.forEach(name -> {
            admin.deleteQueue(name);
            admin.deleteExchange(name);
        });
        line.close();
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    static Stream<Row> rows() {
        return ROWS.values().stream();
    }

    @Order(1) // the others stop routes and break the line
    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void every_message_is_correlated_or_parked_with_its_reason(Row row) {
        if (row.outcome().equals("correlated")) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(instances(row.name())).isZero());
            assertThat(parkedReasons()).doesNotContainKey(row.name());
        } else {
            await().atMost(SOON).untilAsserted(() -> assertThat(parkedReasons()).containsKey(row.name()));
            assertThat(parkedReasons().get(row.name())).contains(row.outcome());
        }
    }

    @Test
    void consumers_stop_while_the_engine_is_away_and_start_again_by_themselves(CapturedOutput output) throws Exception {
        String instance = start("engine away");
        line.cut();
        for (String queue : List.of("msg_Arrived", "msg_Noted")) {
            send(queue, "{\"businessKey\": \"engine away\"}");
        }

        await().atMost(SOON).until(() -> consumers("msg_Arrived") + consumers("msg_Noted") == 0);
        assertThat(admin.getQueueInfo("msg_Arrived").getMessageCount()).isEqualTo(1);
        assertThat(health.healthForPath("receiving").getStatus().getCode()).isEqualTo("DOWN");
        camel.getRouteController().stopRoute("msg_Noted");
        line.mend();

        await().atMost(SOON).until(() -> engine.isEnded(instance));
        await().atMost(SOON).until(() -> consumers("msg_Arrived") == 4);
        assertThat(health.healthForPath("receiving").getStatus().getCode()).isEqualTo("UP");
        assertThat(consumers("msg_Noted")).as("the operator has stopped it").isZero();
        assertThat(output.getOut().split("engine default does not answer messages", -1))
                .hasSize(2);
        assertThat(output.getOut()).containsPattern("engine default answers again after \\d+ s \\(messages\\)");
        admin.purgeQueue("msg_Noted");
        camel.getRouteController().startRoute("msg_Noted");
        await().atMost(SOON).until(() -> consumers("msg_Noted") == 4);
    }

    @Test
    void a_correlation_whose_answer_is_lost_counts_as_a_duplicate_when_its_instance_has_ended(CapturedOutput output) {
        String instance = start("answer lost");
        double duplicates = count("msg_Arrived", "duplicate");
        line.loseAnswerTo("/message");

        String id = send("msg_Arrived", "{\"processInstanceId\": \"" + instance + "\"}");

        await().atMost(SOON).until(() -> count("msg_Arrived", "duplicate") == duplicates + 1);
        assertThat(engine.endEvent(instance)).contains("Done");
        assertThat(output).contains("Message " + id + " of queue msg_Arrived had been delivered before");
        assertThat(parkedReasons()).doesNotContainKey(id);
    }

    @Test
    void a_correlation_whose_answer_is_lost_is_parked_when_nobody_knows_what_became_of_it() {
        String instance = start("answer lost too");
        line.loseAnswerTo("/message");

        String id = send("msg_Arrived", "{\"businessKey\": \"answer lost too\"}");

        await().atMost(SOON).until(() -> parkedReasons().containsKey(id));
        assertThat(engine.endEvent(instance)).contains("Done");
        assertThat(parkedReasons().get(id))
                .contains("the engine did not answer an earlier try, so it may have been correlated");
    }

    @Test
    void many_messages_for_one_instance_at_once_all_arrive() {
        String instance = start("many at once");
        double before = count("msg_Noted", "correlated");

        for (int i = 0; i < 40; i++) {
            send("msg_Noted", "{\"businessKey\": \"many at once\", \"n\": " + i + "}");
        }

        await().atMost(SOON).until(() -> count("msg_Noted", "correlated") == before + 40);
        assertThat(engine.list("/history/activity-instance?activityId=noted-end&processInstanceId=" + instance))
                .hasSize(40);
    }

    @Test
    void a_message_that_nobody_waits_for_is_seen_waiting_at_its_queue_alone() {
        String id = send("msg_Noted", "{\"businessKey\": \"nobody\"}");

        await().pollInterval(Duration.ofMillis(50)).atMost(SOON).untilAsserted(() -> assertThat(waiting())
                .containsEntry("msg_Noted", 1L)
                .containsEntry("msg_Unheard", 0L));
        await().atMost(SOON).until(() -> parkedReasons().containsKey(id));
        await().atMost(SOON).untilAsserted(() -> assertThat(waiting()).containsEntry("msg_Noted", 0L));
    }

    @Test
    void what_is_parked_can_be_seen_and_sent_back() throws Exception {
        parkedReasons(); // takes what other tests have left
        String parkedByUs = send("msg_Unheard", "no JSON");
        await().atMost(SOON).until(() -> overview().path("messages").asInt() == 1);
        camel.getRouteController().stopRoute("msg_Arrived");
        MessageProperties hasty = new MessageProperties();
        hasty.setMessageId("hasty");
        hasty.setExpiration("1");
        rabbit.send("", "msg_Arrived", new Message("{\"businessKey\": \"redriven\"}".getBytes(UTF_8), hasty));
        MessageProperties forged = new MessageProperties();
        forged.setHeader("etd-parked-queue", "payments");
        rabbit.send("", PARKED, new Message("{}".getBytes(UTF_8), forged));
        await().atMost(SOON).until(() -> overview().path("messages").asInt() == 3);
        String instance = start("redriven");
        camel.getRouteController().startRoute("msg_Arrived");

        JsonNode queues = overview().path("queues");
        assertThat(queues.at("/msg_Unheard/reasons").toString()).contains("the body is not JSON");
        assertThat(queues.at("/msg_Arrived/reasons/dead-lettered by the broker: expired")
                        .asInt())
                .isEqualTo(1);
        assertThat(queues.at("/unknown/messages").asInt()).isEqualTo(1);

        JsonNode one = redrive(Map.of("queue", "msg_Arrived", "messageId", "hasty"));
        assertThat(one.toString()).isEqualTo("{\"sent\":{\"msg_Arrived\":1},\"left\":2,\"problem\":null}");
        await().atMost(SOON).until(() -> engine.isEnded(instance));
        JsonNode rest = redrive(Map.of());
        assertThat(rest.toString()).isEqualTo("{\"sent\":{\"msg_Unheard\":1},\"left\":1,\"problem\":null}");
        await().atMost(SOON).until(() -> overview().path("messages").asInt() == 2); // it is no JSON this time either
        assertThat(parkedReasons()).containsKey(parkedByUs);
        assertThat(parked.get(parkedByUs).getMessageProperties().getHeaders())
                .containsEntry("etd-parked-attempts", 1)
                .doesNotContainKey("x-death");
    }

    private Map<String, Long> waiting() {
        Map<String, Long> waiting = new LinkedHashMap<>();
        http.getForObject("/actuator/etd", JsonNode.class)
                .path("queues")
                .forEach(queue -> waiting.put(
                        queue.path("queue").asText(), queue.path("waiting").asLong(-1)));
        return waiting;
    }

    private JsonNode overview() {
        return http.getForObject("/actuator/parked", JsonNode.class);
    }

    private JsonNode redrive(Map<String, String> which) {
        return http.postForObject("/actuator/parked", which, JsonNode.class);
    }

    private String start(String businessKey) {
        return engine.startProcess("waits", businessKey, Map.of());
    }

    private int instances(String businessKey) {
        return engine.post("/process-instance/count", Map.of("businessKey", businessKey))
                .path("count")
                .asInt();
    }

    private Map<String, String> parkedReasons() {
        for (Message message = rabbit.receive(PARKED); message != null; message = rabbit.receive(PARKED)) {
            parked.put(String.valueOf(message.getMessageProperties().getMessageId()), message);
        }
        Map<String, String> reasons = new LinkedHashMap<>();
        parked.forEach(
                (id, message) -> reasons.put(id, message.getMessageProperties().getHeader("etd-parked-reason")));
        return reasons;
    }

    private int consumers(String queue) {
        Properties properties = admin.getQueueProperties(queue);
        return properties == null ? 0 : (Integer) properties.get(RabbitAdmin.QUEUE_CONSUMER_COUNT);
    }

    private double count(String queue, String outcome) {
        return meters.find("etd.messages").tags("queue", queue, "outcome", outcome).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private String send(String queue, String body) {
        MessageProperties properties = new MessageProperties();
        String id = UUID.randomUUID().toString();
        properties.setMessageId(id);
        rabbit.send("", queue, new Message(body.getBytes(UTF_8), properties));
        return id;
    }
}
