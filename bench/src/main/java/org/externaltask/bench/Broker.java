package org.externaltask.bench;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The exchange and the queues of the measurements in a RabbitMQ that is there; they go when this is closed. */
final class Broker implements AutoCloseable {

    /** The option that says where it is. */
    static final String OPTION = "rabbitmq";

    static final String EXCHANGE = "bench";
    static final String SENT = "bench.sent";
    static final String REQUESTED = "bench.requested";
    static final String TOLD = "msg_Told";
    static final String PARKED = "bench.parked";
    static final String RETRY = "bench.retry";

    private static final String REPLIED = "msg_Replied";
    private static final List<String> DELAYS = List.of(".2s", ".10s", ".30s");
    private static final byte[] REPLY = "{\"greeting\":\"Hello Ada\",\"doubled\":24}".getBytes(StandardCharsets.UTF_8);
    private static final int BATCH = 500;

    private final String address;
    private final Connection connection;
    private final Channel channel;

    private Broker(String address) throws Exception {
        this.address = address;
        this.connection = connect(address);
        this.channel = connection.createChannel();
    }

    static Broker of(Options options) {
        String address = options.text(OPTION, "127.0.0.1:5672");
        try {
            return new Broker(address);
        } catch (Exception e) {
            throw new Options.Wrong(
                    "--" + OPTION + ": RabbitMQ does not answer at " + address + ": " + e.getMessage(), e);
        }
    }

    static Connection connect(String address) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(address.split(":")[0]);
        factory.setPort(Integer.parseInt(address.split(":")[1]));
        return factory.newConnection();
    }

    String address() {
        return address;
    }

    /** Empty queues, whatever a run before has left. */
    void renew() throws IOException {
        delete();
        channel.exchangeDeclare(EXCHANGE, "topic", true);
        declare(SENT, "classic", SENT);
        declare(REQUESTED, "classic", REQUESTED);
        declare(TOLD, "quorum", "bench.told");
    }

    private void declare(String queue, String type, String routingKey) throws IOException {
        channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", type));
        channel.queueBind(queue, EXCHANGE, routingKey);
    }

    /** Fills {@link #TOLD} with a message for each of the instances, which have the business keys B-0, B-1, …. */
    void tell(int instances) throws Exception {
        channel.confirmSelect();
        for (int i = 0; i < instances; i++) {
            String body = "{\"reference\":\"B-" + i + "\",\"greeting\":\"Hello Ada\"}";
            channel.basicPublish(EXCHANGE, "bench.told", properties("told-" + i, null), body.getBytes("UTF-8"));
            if (i % BATCH == BATCH - 1) {
                channel.waitForConfirmsOrDie(30_000);
            }
        }
        channel.waitForConfirmsOrDie(30_000);
    }

    /** From now on, requests are replied to at once. */
    void reply() throws IOException {
        Channel replies = connection.createChannel();
        replies.basicQos(BATCH);
        replies.basicConsume(REQUESTED, false, new DefaultConsumer(replies) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties request, byte[] body)
                    throws IOException {
                AMQP.BasicProperties properties = properties(
                        "reply-" + request.getMessageId(),
                        Map.of(
                                "etd-task-id", request.getHeaders().get("etd-task-id"),
                                "etd-worker-id", request.getHeaders().get("etd-worker-id"),
                                "etd-process-instance-id", request.getHeaders().get("etd-process-instance-id")));
                replies.basicPublish(EXCHANGE, "bench.replied", properties, REPLY);
                replies.basicAck(envelope.getDeliveryTag(), false);
            }
        });
    }

    private static AMQP.BasicProperties properties(String id, Map<String, Object> headers) {
        return new AMQP.BasicProperties.Builder()
                .messageId(id)
                .contentType("application/json")
                .deliveryMode(2)
                .headers(headers)
                .build();
    }

    /** Takes all messages out of {@link #SENT}, and fails unless there is one of each of so many tasks. */
    void mustHaveReceived(int tasks) throws IOException {
        Set<String> ids = new HashSet<>();
        int messages = 0;
        for (GetResponse got = channel.basicGet(SENT, true); got != null; got = channel.basicGet(SENT, true)) {
            messages++;
            ids.add(got.getProps().getMessageId());
        }
        if (messages != tasks || ids.size() != tasks) {
            throw new IllegalStateException("one message of each of " + tasks
                    + " tasks should have come, but there are " + messages + " of " + ids.size());
        }
    }

    /** Fails when a message is left in a queue, as one is that was not acknowledged; to be asked when no dispatcher runs. */
    void mustBeEmpty() throws IOException {
        for (String queue : List.of(REQUESTED, TOLD, REPLIED, PARKED)) {
            // A channel is closed by the question for a queue that is not there.
            try (Channel asking = connection.createChannel()) {
                long left = asking.messageCount(queue);
                if (left > 0) {
                    throw new IllegalStateException(left + " messages are left in " + queue);
                }
            } catch (IOException e) {
                continue;
            } catch (java.util.concurrent.TimeoutException e) {
                throw new IOException(e);
            }
        }
    }

    private void delete() throws IOException {
        for (String queue : Stream.concat(
                        Stream.of(SENT, REQUESTED, REPLIED, TOLD, PARKED),
                        DELAYS.stream().map(delay -> RETRY + delay))
                .toList()) {
            channel.queueDelete(queue);
        }
        for (String exchange : Stream.concat(
                        Stream.of(EXCHANGE, RETRY + ".back"), DELAYS.stream().map(delay -> RETRY + delay))
                .toList()) {
            channel.exchangeDelete(exchange);
        }
    }

    @Override
    public void close() {
        try {
            delete();
            connection.close();
        } catch (IOException e) {
            System.err.println("the queues of the measurements stay in the broker: " + e);
        }
    }
}
