package org.externaltask.dispatcher.broker;

import org.externaltask.dispatcher.sandbox.FreePort;

/** The promises of {@code publish:} on the embedded broker. */
class PublishOnEmbeddedBrokerTest extends PublishTest {

    @Override
    TestBroker startBroker() throws Exception {
        return TestBroker.embedded(FreePort.find());
    }
}
