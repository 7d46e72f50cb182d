package org.externaltask.dispatcher.broker;

import static org.apache.camel.component.springrabbit.SpringRabbitMQHelper.isDefaultExchange;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.configuration.EtdProperties.QueueType;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.Binding.DestinationType;
import org.springframework.amqp.core.Exchange;
import org.springframework.amqp.core.ExchangeBuilder;
import org.springframework.amqp.core.Queue;

/** The exchanges, queues and bindings that receive routes need, each once. What the broker has already is not looked at here. */
final class Needs {

    private static final String TYPE = "x-queue-type";
    private static final int WITHOUT_END = 1_000_000;

    private final Map<String, Exchange> exchanges = new LinkedHashMap<>();
    private final Map<String, Queue> queues = new LinkedHashMap<>();
    private final Map<List<String>, Binding> bindings = new LinkedHashMap<>();
    private final EtdProperties.Broker broker;

    private Needs(EtdProperties.Broker broker) {
        this.broker = broker;
    }

    /** What these routes need, with the queues that they share. */
    static Needs of(Collection<SpringRabbitMQEndpoint> endpoints, EtdProperties.Broker broker) {
        Needs needs = parking(broker);
        if (!broker.retryDelays().isEmpty()) {
            needs.retries();
        }
        endpoints.forEach(needs::receiving);
        return needs;
    }

    /** What parking needs. Its exchange takes what cannot go back to its queue, because that is gone. */
    static Needs parking(EtdProperties.Broker broker) {
        Needs needs = new Needs(broker);
        String parking = broker.parkingQueue();
        needs.add(ExchangeBuilder.fanoutExchange(parking).build());
        // Whoever looks at parked messages puts them back, which RabbitMQ 4 would take for failed deliveries.
        needs.add(parking, Map.of(), Map.of("x-delivery-limit", WITHOUT_END));
        needs.bind(parking, parking, "", Map.of());
        return needs;
    }

    Collection<Exchange> exchanges() {
        return exchanges.values();
    }

    Collection<Queue> queues() {
        return queues.values();
    }

    Collection<Binding> bindings() {
        return bindings.values();
    }

    private void retries() {
        String back = RetryQueues.wayBack(broker.retryQueue());
        add(ExchangeBuilder.directExchange(back)
                .alternate(broker.parkingQueue())
                .build());
        for (Duration delay : broker.retryDelays()) {
            String name = RetryQueues.name(broker.retryQueue(), delay);
            add(ExchangeBuilder.fanoutExchange(name).build());
            add(
                    name,
                    Map.of("x-message-ttl", delay.toMillis(), "x-dead-letter-exchange", back),
                    Map.of("x-dead-letter-strategy", "at-least-once", "x-overflow", "reject-publish"));
            bind(name, name, "", Map.of());
        }
    }

    private void receiving(SpringRabbitMQEndpoint endpoint) {
        String exchange = endpoint.getExchangeName();
        boolean bound = !isDefaultExchange(exchange);
        if (bound) {
            add(new ExchangeBuilder(exchange, endpoint.getExchangeType()).build());
        }
        for (String queue : Topology.queues(endpoint)) {
            // Whatever the broker itself gives up on (a delivery limit, a time to live) is parked too.
            Map<String, Object> arguments = new HashMap<>(
                    Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", broker.parkingQueue()));
            arguments.putAll(endpoint.getQueueArgs());
            add(queue, arguments, Map.of("x-dead-letter-strategy", "at-least-once", "x-overflow", "reject-publish"));
            if (bound) {
                bind(exchange, queue, endpoint.getRoutingKey(), endpoint.getBindingArgs());
            }
            if (!broker.retryDelays().isEmpty()) {
                bind(RetryQueues.wayBack(broker.retryQueue()), queue, queue, Map.of());
            }
        }
    }

    private void add(Exchange exchange) {
        exchanges.putIfAbsent(exchange.getName(), exchange);
    }

    private void add(String queue, Map<String, Object> arguments, Map<String, Object> ifQuorum) {
        Map<String, Object> all = new HashMap<>(arguments);
        Object type =
                all.computeIfAbsent(TYPE, unset -> broker.queueType().name().toLowerCase(Locale.ROOT));
        if (QueueType.QUORUM.name().equalsIgnoreCase(type.toString())) {
            ifQuorum.forEach(all::putIfAbsent);
        }
        queues.putIfAbsent(queue, new Queue(queue, true, false, false, all));
    }

    private void bind(String exchange, String queue, String key, Map<String, Object> arguments) {
        bindings.putIfAbsent(
                List.of(exchange, queue, key), new Binding(queue, DestinationType.QUEUE, exchange, key, arguments));
    }
}
