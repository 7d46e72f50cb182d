package org.externaltask.dispatcher.it;

import org.externaltask.dispatcher.sandbox.TaskApplication;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@Tag("any-engine")
class ApproveRequestOverEmbeddedBrokerIT extends ApproveRequest {

    private static TaskApplication application;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @BeforeAll
    static void open() {
        application = TaskApplication.open(Surroundings.GATEWAY, "localhost", Surroundings.BROKER.port());
    }

    @AfterAll
    static void close() {
        application.close();
    }

    @Override
    TaskApplication application() {
        return application;
    }
}
