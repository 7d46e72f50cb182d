package org.externaltask.dispatcher.broker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.component.springrabbit.CamelSimpleMessageListenerContainer;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.springframework.util.backoff.ExponentialBackOff;

/**
 * The consumers of one receive route, on threads of their own so that a message that waits for its next try holds up no
 * other queue. They need no broker to start: they connect, and declare what is missing, as soon as there is one.
 */
class ReceivingContainer extends CamelSimpleMessageListenerContainer {

    private final SpringRabbitMQEndpoint endpoint;
    private final Topology topology;
    private final Executor executor;

    /** Held while starting and stopping, so that the end of a pause cannot start what is just being stopped. */
    private final Lock lifecycle = new ReentrantLock();

    /** Whether the route is started; a pause changes nothing about that. */
    private boolean wanted;

    private volatile CompletableFuture<Void> paused = CompletableFuture.completedFuture(null);

    ReceivingContainer(
            SpringRabbitMQEndpoint endpoint, Topology topology, PatientDelivery delivery, Executor executor) {
        super(endpoint);
        this.endpoint = endpoint;
        this.topology = topology;
        this.executor = executor;
        setQueueNames(Topology.queues(endpoint).toArray(String[]::new));
        setExclusive(endpoint.isExclusive());
        setNoLocal(endpoint.isNoLocal());
        setConsumerArguments(endpoint.getConsumerArgs());
        setPrefetchCount(endpoint.getPrefetchCount());
        setShutdownTimeout(endpoint.getComponent().getShutdownTimeout());
        setForceStop(true); // what is prefetched goes back to the queue
        setTaskExecutor(executor);
        setAdviceChain(delivery.around(this));
        setErrorHandler(failure -> {}); // only a message that goes back to its queue gets here
        setMissingQueuesFatal(false);
        setPossibleAuthenticationFailureFatal(false);
        setRecoveryBackOff(backOff());
    }

    private static ExponentialBackOff backOff() {
        ExponentialBackOff backOff = new ExponentialBackOff(1_000, 2);
        backOff.setMaxInterval(30_000);
        return backOff;
    }

    @Override
    public void start() {
        alone(() -> {
            wanted = true;
            super.start();
        });
    }

    @Override
    public void stop() {
        alone(() -> {
            wanted = false;
            super.stop();
        });
    }

    /** Stops consuming without stopping the route. Afterwards nothing new comes; what is in work ends or goes back. */
    void pause() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        paused = done;
        stop(() -> done.complete(null));
    }

    /** Ends a pause, unless the route has been stopped meanwhile. */
    void resume() {
        Runnable start = () -> {
            if (wanted) {
                super.start();
            }
        };
        paused.thenRunAsync(() -> alone(start), executor);
    }

    private void alone(Runnable change) {
        lifecycle.lock();
        try {
            change.run();
        } finally {
            lifecycle.unlock();
        }
    }

    @Override
    protected void redeclareElementsIfNecessary() {
        topology.declareFor(endpoint);
    }
}
