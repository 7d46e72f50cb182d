package org.externaltask.dispatcher.it;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.util.List;
import org.externaltask.dispatcher.sandbox.RabbitMq;
import org.externaltask.dispatcher.sandbox.TaskApplication;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

class ApproveRequestOverRabbitMqIT extends ApproveRequest {

    private static RabbitMq rabbitMq;
    private static TaskApplication application;

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
        application = TaskApplication.open(Surroundings.GATEWAY, rabbitMq.host(), rabbitMq.port());
    }

    @AfterAll
    static void close() throws Exception {
        if (application != null) {
            application.close();
            removeTopology();
        }
    }

    @Override
    TaskApplication application() {
        return application;
    }

    /** What an earlier run has left behind must not take part. */
    private static void removeTopology() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(rabbitMq.host());
        factory.setPort(rabbitMq.port());
        try (Connection connection = factory.newConnection();
                Channel channel = connection.createChannel()) {
            for (String queue : List.of("msg_TaskClaimed", "msg_TaskCompleted", "etd.parked")) {
                channel.queueDelete(queue);
            }
            channel.exchangeDelete(TaskApplication.EXCHANGE);
        }
    }
}
