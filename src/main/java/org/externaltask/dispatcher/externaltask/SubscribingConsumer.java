package org.externaltask.dispatcher.externaltask;

import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.DefaultConsumer;

/** Keeps a topic, or a user task, subscribed while its route is started; a stopped, suspended or removed route is not asked for any more. */
class SubscribingConsumer<S extends Subscribed> extends DefaultConsumer implements Suspendable {

    private final SubscribingEndpoint<S> endpoint;
    private final Subscriptions<S> subscriptions;
    private S subscription;

    SubscribingConsumer(SubscribingEndpoint<S> endpoint, Processor processor, Subscriptions<S> subscriptions) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.subscriptions = subscriptions;
        this.subscription = endpoint.subscription("");
    }

    S subscription() {
        return subscription;
    }

    boolean isStartedHere() {
        return subscriptions.isStarted(this);
    }

    boolean isPaused() {
        return subscriptions.isPaused(subscription.key());
    }

    boolean pause() {
        return subscriptions.pause(subscription.key());
    }

    boolean unpause() {
        return subscriptions.resume(subscription.key());
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        subscription = endpoint.subscription(source());
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        subscriptions.add(this);
    }

    @Override
    protected void doStop() throws Exception {
        subscriptions.remove(this);
        super.doStop();
    }

    @Override
    protected void doSuspend() throws Exception {
        subscriptions.remove(this);
        super.doSuspend();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        subscriptions.add(this);
    }

    private String source() {
        Resource file = getRoute() == null ? null : getRoute().getSourceResource();
        return file != null
                ? file.getLocation()
                : getRoute() != null ? "route " + getRoute().getRouteId() : "";
    }
}
