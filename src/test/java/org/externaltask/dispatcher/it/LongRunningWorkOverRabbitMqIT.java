package org.externaltask.dispatcher.it;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.util.List;
import org.externaltask.dispatcher.sandbox.RabbitMq;
import org.externaltask.dispatcher.sandbox.Workshop;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

class LongRunningWorkOverRabbitMqIT extends LongRunningWork {

    private static RabbitMq rabbitMq;
    private static Workshop workshop;

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
        workshop = Workshop.open(rabbitMq.host(), rabbitMq.port());
    }

    @AfterAll
    static void close() throws Exception {
        if (workshop != null) {
            workshop.close();
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
            for (String queue : List.of("workshop", "msg_WorkFinished", "etd.parked")) {
                channel.queueDelete(queue);
            }
            channel.exchangeDelete(Workshop.EXCHANGE);
        }
    }
}
