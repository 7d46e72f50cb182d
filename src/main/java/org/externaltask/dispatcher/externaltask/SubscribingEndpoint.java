package org.externaltask.dispatcher.externaltask;

import java.util.function.Function;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/**
 * Where the tasks of a topic, or of a user task, come from, and where the dispatcher sends them to.
 *
 * @param <S> what a route asks for
 */
public class SubscribingEndpoint<S extends Subscribed> extends DefaultEndpoint implements MultipleConsumersSupport {

    private final Subscriptions<S> subscriptions;
    private final SubscriptionKey key;
    private final Function<String, S> options;

    /** @param options what the endpoint's options ask for, for a route that comes from the given file; fails when they are wrong */
    public SubscribingEndpoint(
            String uri,
            Component component,
            Subscriptions<S> subscriptions,
            SubscriptionKey key,
            Function<String, S> options) {
        super(uri, component);
        this.subscriptions = subscriptions;
        this.key = key;
        this.options = options;
    }

    @Override
    public Producer createProducer() {
        return new SubscribingProducer(this, subscriptions, exchange -> key);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        return new SubscribingConsumer<>(this, processor, subscriptions);
    }

    /** Camel would refuse a second route with the same options, but without naming the two files; {@link Subscriptions} does. */
    @Override
    public boolean isMultipleConsumersSupported() {
        return true;
    }

    S subscription(String source) {
        return options.apply(source);
    }
}
