package org.externaltask.dispatcher.broker;

/** What a receive route can rely on with the embedded broker. */
class ReceiveFromEmbeddedBrokerTest extends ReceiveTest {

    @Override
    TestBroker startBroker() throws Exception {
        return TestBroker.embedded(TestBroker.freePort());
    }
}
