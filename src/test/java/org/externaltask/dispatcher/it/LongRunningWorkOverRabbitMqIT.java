package org.externaltask.dispatcher.it;

import org.externaltask.dispatcher.sandbox.OneAtATimeOnRabbitMq;
import org.externaltask.dispatcher.sandbox.RabbitMq;
import org.externaltask.dispatcher.sandbox.Workshop;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@ExtendWith(OneAtATimeOnRabbitMq.class)
class LongRunningWorkOverRabbitMqIT extends LongRunningWork {

    private static RabbitMq rabbitMq;
    private static Workshop workshop;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        rabbitMq = RabbitMq.required();
        Surroundings.connect(properties, rabbitMq);
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

    private static void removeTopology() throws Exception {
        rabbitMq.remove("workshop", "msg_WorkFinished", Workshop.EXCHANGE, "etd.parked");
    }
}
