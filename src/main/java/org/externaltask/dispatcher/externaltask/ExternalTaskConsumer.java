package org.externaltask.dispatcher.externaltask;

import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.DefaultConsumer;

/** Keeps a topic subscribed while its route is started; a stopped, suspended or removed route leaves the next fetch. */
class ExternalTaskConsumer extends DefaultConsumer implements Suspendable {

    private final Subscriptions subscriptions;
    private Subscription subscription;

    ExternalTaskConsumer(ExternalTaskEndpoint endpoint, Processor processor, Subscriptions subscriptions) {
        super(endpoint, processor);
        this.subscriptions = subscriptions;
        this.subscription = endpoint.subscription("");
    }

    Subscription subscription() {
        return subscription;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        subscription = ((ExternalTaskEndpoint) getEndpoint()).subscription(source());
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
