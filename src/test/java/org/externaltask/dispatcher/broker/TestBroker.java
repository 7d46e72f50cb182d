package org.externaltask.dispatcher.broker;

import org.externaltask.dispatcher.sandbox.EmbeddedBroker;
import org.externaltask.dispatcher.sandbox.RabbitMq;

/** Where a test's broker is; the embedded one is started for it. */
record TestBroker(String host, int port, EmbeddedBroker embedded) implements AutoCloseable {

    static TestBroker rabbitMq() {
        RabbitMq rabbitMq = RabbitMq.required();
        return new TestBroker(rabbitMq.host(), rabbitMq.port(), null);
    }

    static TestBroker embedded(int port) {
        return new TestBroker("127.0.0.1", port, EmbeddedBroker.start(port));
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
    }
}
