package org.externaltask.dispatcher.broker;

import java.util.concurrent.Executor;
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

    ReceivingContainer(SpringRabbitMQEndpoint endpoint, Topology topology, Parking parking, Executor executor) {
        super(endpoint);
        this.endpoint = endpoint;
        this.topology = topology;
        setQueueNames(Topology.queues(endpoint).toArray(String[]::new));
        setExclusive(endpoint.isExclusive());
        setNoLocal(endpoint.isNoLocal());
        setConsumerArguments(endpoint.getConsumerArgs());
        setPrefetchCount(endpoint.getPrefetchCount());
        setShutdownTimeout(endpoint.getComponent().getShutdownTimeout());
        setForceStop(true); // what is prefetched goes back to the queue
        setTaskExecutor(executor);
        setAdviceChain(new ParkOnFailure(parking, this::isActive));
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
    protected void redeclareElementsIfNecessary() {
        topology.declareFor(endpoint);
    }
}
