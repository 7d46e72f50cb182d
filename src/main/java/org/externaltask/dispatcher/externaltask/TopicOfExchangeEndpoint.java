package org.externaltask.dispatcher.externaltask;

import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** Sends each task to the route of its own topic, without an endpoint for each topic and its look-up for each task. */
class TopicOfExchangeEndpoint extends DefaultEndpoint {

    private final Subscriptions<Subscription> subscriptions;

    TopicOfExchangeEndpoint(String uri, Component component, Subscriptions<Subscription> subscriptions) {
        super(uri, component);
        this.subscriptions = subscriptions;
    }

    @Override
    public Producer createProducer() {
        return new SubscribingProducer(
                this,
                subscriptions,
                exchange -> new Subscription.Key(
                        exchange.getVariable("engine", String.class), exchange.getVariable("topicName", String.class)));
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new IllegalArgumentException(
                "external-task:* is no topic: a route has to name one, as in external-task:svc_X");
    }
}
