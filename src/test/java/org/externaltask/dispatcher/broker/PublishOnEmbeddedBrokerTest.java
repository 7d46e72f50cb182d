package org.externaltask.dispatcher.broker;

/** The promises of {@code publish:} on the embedded broker. */
class PublishOnEmbeddedBrokerTest extends PublishTest {

    @Override
    TestBroker startBroker() throws Exception {
        return TestBroker.embedded(TestBroker.freePort());
    }
}
