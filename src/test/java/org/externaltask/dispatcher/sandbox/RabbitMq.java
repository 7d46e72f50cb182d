package org.externaltask.dispatcher.sandbox;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeoutException;

/**
 * The real RabbitMQ of the tests: where {@code ETD_TEST_RABBITMQ} says, or at 127.0.0.1:5672. Tests that need it are skipped when it
 * does not answer, unless {@code ETD_TEST_REQUIRE_RABBITMQ=true} makes its absence a failure.
 */
public record RabbitMq(String host, int port) {

    public static RabbitMq required() {
        String address = System.getenv().getOrDefault("ETD_TEST_RABBITMQ", "127.0.0.1:5672");
        RabbitMq rabbitMq = at(address);
        if (!rabbitMq.answers()) {
            String message = "no RabbitMQ answers at " + address + "; start one, or set ETD_TEST_RABBITMQ=host:port";
            return isRequired() ? fail(message) : abort(message);
        }
        return rabbitMq;
    }

    /** @param address {@code host:port} */
    static RabbitMq at(String address) {
        int colon = address.lastIndexOf(':');
        return new RabbitMq(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }

    static boolean isRequired() {
        return Boolean.parseBoolean(System.getenv("ETD_TEST_REQUIRE_RABBITMQ"));
    }

    boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Removes queues and exchanges that an earlier run has left behind, which must not take part in the next one. */
    public void remove(String... names) throws IOException, TimeoutException {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(host);
        factory.setPort(port);
        try (Connection connection = factory.newConnection();
                Channel channel = connection.createChannel()) {
            for (String name : names) {
                channel.queueDelete(name);
                channel.exchangeDelete(name);
            }
        }
    }
}
