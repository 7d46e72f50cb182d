package org.externaltask.dispatcher.it;

import org.externaltask.dispatcher.sandbox.Warehouse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@Tag("any-engine")
class OrderHandlingOverEmbeddedBrokerIT extends OrderHandling {

    private static Warehouse warehouse;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @BeforeAll
    static void open() {
        warehouse = Warehouse.open(Surroundings.BROKER.port());
    }

    @AfterAll
    static void close() {
        warehouse.close();
    }
}
