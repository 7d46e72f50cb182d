package org.externaltask.dispatcher.externaltask;

import org.apache.camel.Consumer;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** A topic of an engine: where its tasks come from, and where the dispatcher sends them to. */
class ExternalTaskEndpoint extends DefaultEndpoint implements MultipleConsumersSupport {

    private final String topic;
    private final String engine;
    private final SubscriptionOptions options;

    ExternalTaskEndpoint(
            String uri, ExternalTaskComponent component, String topic, String engine, SubscriptionOptions options) {
        super(uri, component);
        this.topic = topic;
        this.engine = engine;
        this.options = options;
    }

    @Override
    public Producer createProducer() {
        return new ExternalTaskProducer(this, subscriptions(), new Subscription.Key(engine, topic));
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        return new ExternalTaskConsumer(this, processor, subscriptions());
    }

    /** Camel would refuse a second route with the same options, but without naming the two files; {@link Subscriptions} does. */
    @Override
    public boolean isMultipleConsumersSupported() {
        return true;
    }

    Subscription subscription(String source) {
        return options.subscription(engine, source);
    }

    private Subscriptions subscriptions() {
        return ((ExternalTaskComponent) getComponent()).subscriptions();
    }
}
