package org.externaltask.dispatcher.broker;

import java.util.List;
import org.externaltask.dispatcher.sandbox.FreePort;

/** What a receive route can rely on with the embedded broker. */
class ReceiveFromEmbeddedBrokerTest extends ReceiveTest {

    @Override
    TestBroker startBroker() throws Exception {
        return TestBroker.embedded(FreePort.find());
    }

    /** As for a broker that does not know RabbitMQ's dead lettering: nothing waits in queues. */
    @Override
    List<String> settings() {
        return List.of("etd.broker.retry-delays=");
    }
}
