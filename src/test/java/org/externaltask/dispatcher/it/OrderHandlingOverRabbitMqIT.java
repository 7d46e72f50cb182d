package org.externaltask.dispatcher.it;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.util.List;
import org.externaltask.dispatcher.sandbox.RabbitMq;
import org.externaltask.dispatcher.sandbox.Warehouse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

class OrderHandlingOverRabbitMqIT extends OrderHandling {

    private static RabbitMq rabbitMq;
    private static Warehouse warehouse;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        rabbitMq = RabbitMq.required();
        Surroundings.connect(properties);
        properties.add("spring.rabbitmq.host", rabbitMq::host);
        properties.add("spring.rabbitmq.port", rabbitMq::port);
    }

    @BeforeAll
    static void open() throws Exception {
        rabbitMq = RabbitMq.required();
        removeTopology();
        warehouse = Warehouse.open(rabbitMq.host(), rabbitMq.port());
    }

    @AfterAll
    static void close() throws Exception {
        if (warehouse != null) {
            warehouse.close();
            removeTopology();
        }
    }

    /** What an earlier run has left behind must not take part. */
    private static void removeTopology() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(rabbitMq.host());
        factory.setPort(rabbitMq.port());
        try (Connection connection = factory.newConnection();
                Channel channel = connection.createChannel()) {
            for (String name : List.of(
                    "warehouse",
                    "msg_OrderReceived",
                    "orders",
                    "etd.parked",
                    "etd.retry.2s",
                    "etd.retry.10s",
                    "etd.retry.30s",
                    "etd.retry.back")) {
                channel.queueDelete(name);
                channel.exchangeDelete(name);
            }
        }
    }
}
