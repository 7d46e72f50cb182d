package org.externaltask.dispatcher.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A system on the other side of the broker: takes messages from a queue and answers, after a moment, to the same exchange. */
final class AnsweringSystem implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Connection connection;

    private AnsweringSystem(Connection connection) {
        this.connection = connection;
    }

    /** Knows what the system says to a message. */
    interface Clerk {

        /** @param headers of the message, never null */
        Optional<Answer> answer(JsonNode message, Map<String, Object> headers);
    }

    record Answer(JsonNode body, Map<String, Object> headers) {}

    /**
     * Where messages come from and answers go to.
     *
     * @param exchange a topic exchange
     * @param queue the system's own queue
     * @param takes routing key of the messages that it takes
     * @param gives routing key of its answers
     */
    record Address(String exchange, String queue, String takes, String gives) {}

    static AnsweringSystem open(String brokerHost, int brokerPort, Address address, Clerk clerk) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(brokerHost);
        factory.setPort(brokerPort);
        try {
            Connection connection = factory.newConnection(address.queue());
            Channel channel = connection.createChannel();
            channel.exchangeDeclare(address.exchange(), "topic", true);
            channel.queueDeclare(address.queue(), true, false, false, Map.of());
            channel.queueBind(address.queue(), address.exchange(), address.takes());
            channel.basicConsume(address.queue(), false, new Desk(channel, address, clerk));
            return new AnsweringSystem(connection);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException(
                    "The " + address.queue() + " found no broker at " + brokerHost + ":" + brokerPort, e);
        }
    }

    @Override
    public void close() {
        connection.abort(1_000);
    }

    private static final class Desk extends DefaultConsumer {

        private final Address address;
        private final Clerk clerk;
        private final ScheduledExecutorService desk = Executors.newSingleThreadScheduledExecutor();

        Desk(Channel channel, Address address, Clerk clerk) {
            super(channel);
            this.address = address;
            this.clerk = clerk;
        }

        @Override
        public void handleDelivery(String consumer, Envelope envelope, BasicProperties properties, byte[] body) {
            // An answer takes a moment, as it does in life.
            var unused = desk.schedule(() -> take(envelope, properties, body), 300, TimeUnit.MILLISECONDS);
        }

        @Override
        public void handleShutdownSignal(String consumer, ShutdownSignalException reason) {
            desk.shutdownNow();
        }

        private Void take(Envelope envelope, BasicProperties properties, byte[] body) throws IOException {
            try {
                JsonNode message = MAPPER.readTree(body);
                Map<String, Object> headers = properties.getHeaders() == null ? Map.of() : properties.getHeaders();
                Optional<Answer> answer = clerk.answer(message, headers);
                if (answer.isPresent()) {
                    give(answer.get());
                }
            } catch (JsonProcessingException e) {
                System.err.println(
                        "The " + address.queue() + " threw away a message that is not JSON: " + e.getOriginalMessage());
            }
            getChannel().basicAck(envelope.getDeliveryTag(), false);
            return null;
        }

        private void give(Answer answer) throws IOException {
            BasicProperties properties = new BasicProperties.Builder()
                    .contentType("application/json")
                    .messageId(UUID.randomUUID().toString())
                    .headers(answer.headers())
                    .deliveryMode(2)
                    .build();
            getChannel()
                    .basicPublish(
                            address.exchange(),
                            address.gives(),
                            properties,
                            answer.body().toString().getBytes(StandardCharsets.UTF_8));
        }
    }
}
