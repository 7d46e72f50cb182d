package org.externaltask.dispatcher.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Stands in for the system that orders are sent to: takes a confirmation from the exchange {@code orders} and answers
 * there with the routing key {@code order.received}. Knows nothing of the engine or the dispatcher.
 */
public final class Warehouse implements AutoCloseable {

    public static final String EXCHANGE = "orders";
    public static final String CONFIRMATION = "order.confirmation";
    public static final String RECEIVED = "order.received";
    static final String QUEUE = "warehouse";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Connection connection;

    private Warehouse(Connection connection) {
        this.connection = connection;
    }

    /** Opens the warehouse at a broker on this machine. */
    public static Warehouse open(int brokerPort) {
        return open("localhost", brokerPort);
    }

    /** Opens the warehouse at a broker elsewhere. */
    public static Warehouse open(String brokerHost, int brokerPort) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(brokerHost);
        factory.setPort(brokerPort);
        try {
            Connection connection = factory.newConnection("warehouse");
            Channel channel = connection.createChannel();
            channel.exchangeDeclare(EXCHANGE, "topic", true);
            channel.queueDeclare(QUEUE, true, false, false, Map.of());
            channel.queueBind(QUEUE, EXCHANGE, CONFIRMATION);
            channel.basicConsume(QUEUE, false, new Clerk(channel));
            return new Warehouse(connection);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("The warehouse found no broker at " + brokerHost + ":" + brokerPort, e);
        }
    }

    @Override
    public void close() {
        connection.abort(1_000);
    }

    private static final class Clerk extends DefaultConsumer {

        private final ScheduledExecutorService desk = Executors.newSingleThreadScheduledExecutor();

        Clerk(Channel channel) {
            super(channel);
        }

        @Override
        public void handleDelivery(String consumer, Envelope envelope, BasicProperties properties, byte[] body) {
            // Receiving an order takes a moment, as it does in life.
            var unused = desk.schedule(() -> receive(envelope, properties, body), 300, TimeUnit.MILLISECONDS);
        }

        @Override
        public void handleShutdownSignal(String consumer, ShutdownSignalException reason) {
            desk.shutdownNow();
        }

        private Void receive(Envelope envelope, BasicProperties properties, byte[] body) throws IOException {
            try {
                JsonNode confirmation = MAPPER.readTree(body);
                if (!"customer".equals(confirmation.path("recipient").asText())) {
                    answer(confirmation, properties.getHeaders());
                }
            } catch (JsonProcessingException e) {
                System.err.println("The warehouse threw away a message that is not JSON: " + e.getOriginalMessage());
            }
            getChannel().basicAck(envelope.getDeliveryTag(), false);
            return null;
        }

        private void answer(JsonNode confirmation, Map<String, Object> headers) throws IOException {
            ObjectNode received = MAPPER.createObjectNode();
            received.set("orderNumber", confirmation.path("orderNumber"));
            if (headers != null && headers.containsKey("etd-process-instance-id")) {
                received.put(
                        "processInstanceId",
                        headers.get("etd-process-instance-id").toString());
            }
            received.put(
                    "receivedAt", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
            BasicProperties properties = new BasicProperties.Builder()
                    .contentType("application/json")
                    .messageId(UUID.randomUUID().toString())
                    .deliveryMode(2)
                    .build();
            getChannel()
                    .basicPublish(
                            EXCHANGE, RECEIVED, properties, received.toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}
