package org.externaltask.dispatcher.externaltask;

import java.util.function.Function;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/** Runs a task through the route that has subscribed to it. */
class SubscribingProducer extends DefaultAsyncProducer {

    private final Subscriptions<?> subscriptions;
    private final Function<Exchange, SubscriptionKey> keys;

    /** @param keys which subscription an exchange is for */
    SubscribingProducer(Endpoint endpoint, Subscriptions<?> subscriptions, Function<Exchange, SubscriptionKey> keys) {
        super(endpoint);
        this.subscriptions = subscriptions;
        this.keys = keys;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        SubscriptionKey key = keys.apply(exchange);
        SubscribingConsumer<?> consumer = subscriptions.consumer(key);
        if (consumer == null) {
            exchange.setException(new NoSuchSubscriptionException(key));
            callback.done(true);
            return true;
        }
        return consumer.getAsyncProcessor().process(exchange, callback);
    }
}
