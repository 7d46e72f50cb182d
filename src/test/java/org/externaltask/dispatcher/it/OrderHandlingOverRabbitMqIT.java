package org.externaltask.dispatcher.it;

import org.externaltask.dispatcher.sandbox.OneAtATimeOnRabbitMq;
import org.externaltask.dispatcher.sandbox.RabbitMq;
import org.externaltask.dispatcher.sandbox.Warehouse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@ExtendWith(OneAtATimeOnRabbitMq.class)
class OrderHandlingOverRabbitMqIT extends OrderHandling {

    private static RabbitMq rabbitMq;
    private static Warehouse warehouse;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        rabbitMq = RabbitMq.required();
        Surroundings.connect(properties, rabbitMq);
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

    private static void removeTopology() throws Exception {
        rabbitMq.remove(
                "warehouse",
                "msg_OrderReceived",
                Warehouse.EXCHANGE,
                "etd.parked",
                "etd.retry.2s",
                "etd.retry.10s",
                "etd.retry.30s",
                "etd.retry.back");
    }
}
