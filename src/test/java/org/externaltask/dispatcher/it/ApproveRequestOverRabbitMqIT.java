package org.externaltask.dispatcher.it;

import org.externaltask.dispatcher.sandbox.OneAtATimeOnRabbitMq;
import org.externaltask.dispatcher.sandbox.RabbitMq;
import org.externaltask.dispatcher.sandbox.TaskApplication;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@ExtendWith(OneAtATimeOnRabbitMq.class)
class ApproveRequestOverRabbitMqIT extends ApproveRequest {

    private static RabbitMq rabbitMq;
    private static TaskApplication application;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        rabbitMq = RabbitMq.required();
        Surroundings.connect(properties, rabbitMq);
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

    private static void removeTopology() throws Exception {
        rabbitMq.remove("msg_TaskClaimed", "msg_TaskCompleted", TaskApplication.EXCHANGE, "etd.parked");
    }
}
