package org.externaltask.dispatcher.externaltask;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/** Runs a task through the route that has subscribed to it. */
class SubscribingProducer extends DefaultAsyncProducer {

    private final Subscriptions<?> subscriptions;
    private final SubscriptionKey key;

    SubscribingProducer(SubscribingEndpoint<?> endpoint, Subscriptions<?> subscriptions, SubscriptionKey key) {
        super(endpoint);
        this.subscriptions = subscriptions;
        this.key = key;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        SubscribingConsumer<?> consumer = subscriptions.consumer(key);
        if (consumer == null) {
            exchange.setException(new NoSuchSubscriptionException(key));
            callback.done(true);
            return true;
        }
        return consumer.getAsyncProcessor().process(exchange, callback);
    }
}
