package org.externaltask.dispatcher.it;

import org.externaltask.dispatcher.sandbox.Workshop;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@Tag("any-engine")
class LongRunningWorkOverEmbeddedBrokerIT extends LongRunningWork {

    private static Workshop workshop;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @BeforeAll
    static void open() {
        workshop = Workshop.open("localhost", Surroundings.BROKER.port());
    }

    @AfterAll
    static void close() {
        workshop.close();
    }
}
