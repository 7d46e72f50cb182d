package org.externaltask.dispatcher.it;

import org.externaltask.dispatcher.sandbox.Suppliers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@Tag("any-engine")
class AsyncRequestOverEmbeddedBrokerIT extends AsyncRequest {

    private static Suppliers suppliers;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @BeforeAll
    static void open() {
        suppliers = Suppliers.open("localhost", Surroundings.BROKER.port());
    }

    @AfterAll
    static void close() {
        suppliers.close();
    }
}
