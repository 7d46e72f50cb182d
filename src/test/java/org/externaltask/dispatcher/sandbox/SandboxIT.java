package org.externaltask.dispatcher.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

class SandboxIT {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static Sandbox sandbox;
    private static EngineClient engine;

    @BeforeAll
    static void start() {
        // Without topics: the dispatcher leaves the tasks to the test.
        sandbox = Sandbox.start(SandboxSettings.forTests(), "--etd.routes=file:src/test/resources/sandbox/no-topics");
        engine = sandbox.engine().client();
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void the_engine_and_the_dispatcher_have_nothing_of_each_other() {
        assertThat(sandbox.dispatcher().getBeanProvider(CamelContext.class).stream())
                .hasSize(1);
        assertThat(sandbox.dispatcher().getBeanProvider(DataSource.class).stream())
                .isEmpty();
        assertThat(sandbox.engine().context().getBeanProvider(CamelContext.class).stream())
                .isEmpty();
        assertThat(sandbox.engine().context().getBeanProvider(DataSource.class).stream())
                .hasSize(1);
    }

    @Test
    void the_web_apps_answer() throws Exception {
        assertThat(get(sandbox.engine().webApp("cockpit")).statusCode()).isEqualTo(200);
        assertThat(get(sandbox.engine().webApp("tasklist")).statusCode()).isEqualTo(200);
    }

    @Test
    void the_gateway_knows_every_customer_but_one() throws Exception {
        assertThat(customer("C-1").body()).contains("Ada Lovelace", "gold");
        assertThat(customer("C-2").body()).contains("Grace Hopper").doesNotContain("tier");
        assertThat(customer("C-77").body()).contains("Customer C-77").doesNotContain("tier");
        assertThat(customer("C-404").statusCode()).isEqualTo(404);
        assertThat(customer("C-503").statusCode()).isEqualTo(503);
    }

    @Test
    void the_warehouse_answers_what_is_meant_for_it_and_no_other_message() throws Exception {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            String answers = channel.queueDeclare().getQueue();
            channel.queueBind(answers, Warehouse.EXCHANGE, Warehouse.RECEIVED);

            confirm(channel, "{\"orderNumber\": \"O-7\", \"recipient\": \"customer\"}");
            confirm(channel, "{\"orderNumber\": \"O-8\", \"recipient\": \"warehouse\"}");

            GetResponse answer = await().until(() -> channel.basicGet(answers, true), response -> response != null);
            JsonNode received = MAPPER.readTree(answer.getBody());
            assertThat(received.path("orderNumber").asText()).isEqualTo("O-8");
            assertThat(received.path("processInstanceId").asText()).isEqualTo("instance-1");
            assertThat(received.path("receivedAt").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
            assertThat(channel.messageCount(answers)).isZero();
        }
    }

    @Test
    void orders_are_reported_when_they_start_get_stuck_and_end() {
        List<String> lines = new ArrayList<>();
        ProcessNews news = new ProcessNews(engine, lines::add);
        new OrderSource(engine).run();
        news.run();
        JsonNode task = fetchOne();
        engine.post(
                "/external-task/" + task.path("id").asText() + "/failure",
                Map.of("workerId", "test", "errorMessage", "the gateway is out of order", "retries", 0));
        news.run();
        engine.post(
                "/external-task/" + task.path("id").asText() + "/bpmnError",
                Map.of("workerId", "test", "errorCode", "CUSTOMER_NOT_FOUND"));
        news.run();
        news.run();

        assertThat(lines)
                .containsExactly(
                        "order-handling O-1001 started",
                        "order-handling O-1001 is stuck at GetCustomerDetailsTask: the gateway is out of order",
                        "order-handling O-1001 ended: Customer not found");
    }

    @Test
    void a_port_that_is_taken_stops_the_start_and_tells_how_to_choose_another() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(other.getLocalPort());
            SandboxSettings settings = SandboxSettings.from(new MockEnvironment()
                    .withProperty("sandbox.engine.port", "0")
                    .withProperty("sandbox.broker.port", port)
                    .withProperty("sandbox.gateway.port", "0")
                    .withProperty("sandbox.dispatcher.port", "0"));

            assertThatThrownBy(() -> Sandbox.start(settings))
                    .hasMessageStartingWith("Port " + port + " is taken, so the sandbox's broker cannot start.")
                    .hasMessageContaining("SANDBOX_BROKER_PORT=");
        }
    }

    @Test
    void a_port_that_is_no_port_stops_the_start() {
        MockEnvironment environment = new MockEnvironment().withProperty("sandbox.engine.port", "eighty");

        assertThatThrownBy(() -> SandboxSettings.from(environment))
                .hasMessage("sandbox.engine.port is 'eighty'; write a port number, for example"
                        + " SANDBOX_ENGINE_PORT=8080");
    }

    private static JsonNode fetchOne() {
        JsonNode tasks = engine.post(
                "/external-task/fetchAndLock",
                Map.of(
                        "workerId",
                        "test",
                        "maxTasks",
                        10,
                        "topics",
                        List.of(Map.of("topicName", "svc_GetCustomerDetails", "lockDuration", 60_000))));
        assertThat(tasks).hasSize(1);
        return tasks.get(0);
    }

    private static HttpResponse<String> customer(String number) throws Exception {
        return get(URI.create(sandbox.gateway().baseUrl() + "/customers/" + number));
    }

    private static HttpResponse<String> get(URI address) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
    }

    private static Connection connect() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setPort(sandbox.broker().port());
        return factory.newConnection();
    }

    private static void confirm(Channel channel, String message) throws IOException {
        BasicProperties properties = new BasicProperties.Builder()
                .headers(Map.of("etd-process-instance-id", "instance-1"))
                .build();
        channel.basicPublish(
                Warehouse.EXCHANGE, Warehouse.CONFIRMATION, properties, message.getBytes(StandardCharsets.UTF_8));
    }
}
