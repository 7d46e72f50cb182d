package org.externaltask.dispatcher.broker;

import static org.apache.camel.component.springrabbit.SpringRabbitMQHelper.isDefaultExchange;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.apache.camel.component.springrabbit.ListenerContainerFactory;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.boot.task.SimpleAsyncTaskExecutorBuilder;
import org.springframework.stereotype.Component;

/** Makes the consumers of the receive routes, and refuses options with which a message could be lost. */
@Component
class ReceivingContainers implements ListenerContainerFactory {

    private static final List<String> EXCHANGE_TYPES = List.of("direct", "fanout", "headers", "topic");
    private static final Set<String> KEYED_EXCHANGES = Set.of("direct", "topic");

    private final PatientDelivery delivery;
    private final Topology topology;
    private final WaitingMessages waiting;
    private final SimpleAsyncTaskExecutorBuilder executors;

    /** Those that a route still holds. */
    private final Set<ReceivingContainer> containers =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    ReceivingContainers(
            PatientDelivery delivery,
            Topology topology,
            WaitingMessages waiting,
            SimpleAsyncTaskExecutorBuilder executors) {
        this.delivery = delivery;
        this.topology = topology;
        this.waiting = waiting;
        this.executors = executors;
    }

    @Override
    public AbstractMessageListenerContainer createListenerContainer(SpringRabbitMQEndpoint endpoint) {
        check(endpoint);
        Topology.queues(endpoint).forEach(waiting::show);
        endpoint.setDisableReplyTo(
                true); // reply-to comes with the message, and nobody but the route says where to send
        ReceivingContainer container = new ReceivingContainer(
                endpoint,
                topology,
                delivery,
                executors
                        .threadNamePrefix("receive-" + endpoint.getQueues() + "-")
                        .build());
        containers.add(container);
        return container;
    }

    /** Whether the broker delivers the messages of a queue to a route of ours. */
    boolean consume(String queue) {
        synchronized (containers) {
            return containers.stream()
                    .filter(container -> List.of(container.getQueueNames()).contains(queue))
                    .anyMatch(container -> container.getActiveConsumerCount() > 0);
        }
    }

    private static void check(SpringRabbitMQEndpoint endpoint) {
        String from = "spring-rabbitmq:" + endpoint.getExchangeName();
        require(
                endpoint.getQueues() != null && !endpoint.getQueues().isBlank(),
                from + ": queues is missing; name the queue that holds the messages of this route");
        require(
                !endpoint.getRoutingKey().isEmpty()
                        || isDefaultExchange(endpoint.getExchangeName())
                        || !KEYED_EXCHANGES.contains(endpoint.getExchangeType()),
                from + ": routingKey is missing; without it no message comes from a " + endpoint.getExchangeType()
                        + " exchange");
        require(
                EXCHANGE_TYPES.contains(endpoint.getExchangeType()),
                from + ": exchangeType is '" + endpoint.getExchangeType() + "'; allowed are "
                        + String.join(", ", EXCHANGE_TYPES));
        require(
                !endpoint.isAsyncConsumer(),
                from + ": asyncConsumer=true acknowledges messages whose route fails; leave it out");
        require(
                endpoint.getAcknowledgeMode() == AcknowledgeMode.AUTO,
                from + ": acknowledgeMode=" + endpoint.getAcknowledgeMode() + " can lose messages; leave it out");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
