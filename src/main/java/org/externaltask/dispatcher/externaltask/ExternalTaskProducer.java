package org.externaltask.dispatcher.externaltask;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/** Runs a task through the route of its topic. */
class ExternalTaskProducer extends DefaultAsyncProducer {

    private final Subscriptions subscriptions;
    private final Subscription.Key key;

    ExternalTaskProducer(ExternalTaskEndpoint endpoint, Subscriptions subscriptions, Subscription.Key key) {
        super(endpoint);
        this.subscriptions = subscriptions;
        this.key = key;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        ExternalTaskConsumer consumer = subscriptions.consumer(key);
        if (consumer == null) {
            exchange.setException(new NoSuchSubscriptionException(key));
            callback.done(true);
            return true;
        }
        return consumer.getAsyncProcessor().process(exchange, callback);
    }
}
