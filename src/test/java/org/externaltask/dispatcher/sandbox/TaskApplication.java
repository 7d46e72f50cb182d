package org.externaltask.dispatcher.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.tomakehurst.wiremock.http.Request;
import com.github.tomakehurst.wiremock.http.RequestMethod;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Stands in for a task application and the people who work with it: takes tasks at {@code POST /tasks} behind the gateway and takes
 * them back at {@code DELETE /tasks/{id}}; after a moment somebody claims a task and decides, and the exchange {@code tasks} says so. A
 * repeat, told by its {@code Idempotency-Key}, is dropped.
 */
public final class TaskApplication implements AutoCloseable {

    public static final String EXCHANGE = "tasks";
    public static final String CLAIMED = "task.claimed";
    public static final String COMPLETED = "task.completed";

    /** Requests of up to this amount are approved, greater ones rejected. */
    public static final int APPROVED = 1_000;

    /** Nobody decides on requests of more than this amount. */
    public static final int DECIDED = 10_000;

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String PERSON = "demo";

    private final Connection connection;
    private final Channel channel;
    private final ScheduledExecutorService people = Executors.newSingleThreadScheduledExecutor();
    private final Set<String> keys = ConcurrentHashMap.newKeySet();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    private TaskApplication(Connection connection, Channel channel) {
        this.connection = connection;
        this.channel = channel;
    }

    /** Opens the application behind a gateway, at a broker. */
    public static TaskApplication open(StubGateway gateway, String brokerHost, int brokerPort) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(brokerHost);
        factory.setPort(brokerPort);
        try {
            Connection connection = factory.newConnection("task application");
            Channel channel = connection.createChannel();
            channel.exchangeDeclare(EXCHANGE, "topic", true);
            TaskApplication application = new TaskApplication(connection, channel);
            gateway.wireMock().addMockServiceRequestListener((request, response) -> application.called(request));
            return application;
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException(
                    "The task application found no broker at " + brokerHost + ":" + brokerPort, e);
        }
    }

    /** How often it was called with this method for a task. */
    public long calls(String method, String taskId) {
        return calls.stream().filter((method + " " + taskId)::equals).count();
    }

    /** Whether a task was ever created with this {@code Idempotency-Key}. */
    public boolean hasKey(String idempotencyKey) {
        return keys.contains(idempotencyKey);
    }

    /** Says that a person has claimed a task, as often as a test likes. */
    public void claimed(String taskId, String userId) {
        publish(CLAIMED, message(taskId).put("userId", userId));
    }

    /** Says what a person has decided, as often as a test likes. */
    public void completed(String taskId, String decision, String comment) {
        publish(COMPLETED, message(taskId).put("decision", decision).put("comment", comment));
    }

    @Override
    public void close() {
        closed = true;
        people.shutdownNow();
        connection.abort(1_000);
    }

    private void called(Request request) {
        String path = request.getUrl();
        if (closed || !path.startsWith("/tasks")) {
            return;
        }
        if (request.getMethod().equals(RequestMethod.DELETE)) {
            calls.add("DELETE " + path.substring(path.lastIndexOf('/') + 1));
            return;
        }
        JsonNode task = task(request);
        String id = task.path("id").asText();
        calls.add("POST " + id);
        long amount = task.path("amount").asLong();
        if (keys.add(request.getHeader("Idempotency-Key")) && amount <= DECIDED) {
            after(300, () -> claimed(id, PERSON));
            after(600, () -> completed(id, amount <= APPROVED ? "approved" : "rejected", "as the rules say"));
        }
    }

    private void after(int milliseconds, Runnable work) {
        var unused = people.schedule(work, milliseconds, TimeUnit.MILLISECONDS);
    }

    private synchronized void publish(String routingKey, JsonNode message) {
        try {
            channel.basicPublish(
                    EXCHANGE,
                    routingKey,
                    new BasicProperties.Builder()
                            .contentType("application/json")
                            .deliveryMode(2)
                            .build(),
                    message.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode message(String taskId) {
        return JsonNodeFactory.instance.objectNode().put("taskId", taskId);
    }

    private static JsonNode task(Request request) {
        try {
            return MAPPER.readTree(request.getBodyAsString());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
