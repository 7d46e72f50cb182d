package org.externaltask.dispatcher.broker;

import static org.apache.camel.component.springrabbit.SpringRabbitMQHelper.isDefaultExchange;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.ExchangeBuilder;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/**
 * Declares what a receive route needs and the broker does not have yet: exchange, durable queue, binding, and the
 * parking queue. What exists is taken as it is, so that operators may declare their own.
 */
@Component
class Topology {

    private static final Logger log = LoggerFactory.getLogger(Topology.class);

    private final EtdProperties.Broker broker;
    private final RabbitTemplate template;
    private final AmqpAdmin admin;
    private final Lock oneAtATime = new ReentrantLock();
    private final Map<String, String> complaints = new ConcurrentHashMap<>();

    Topology(ConnectionFactory connections, EtdProperties properties) {
        broker = properties.broker();
        template = new RabbitTemplate(connections);
        admin = new RabbitAdmin(template);
    }

    /** Fails when the queues are not there afterwards; says why once, however often it is tried. */
    void declareFor(SpringRabbitMQEndpoint endpoint) {
        oneAtATime.lock();
        try {
            if (broker.declare()) {
                declare(endpoint);
            } else {
                requireQueues(endpoint);
            }
            complaints.remove(endpoint.getQueues());
        } catch (AmqpException e) {
            refusal(e)
                    .ifPresent(
                            reason -> complain(
                                    endpoint,
                                    "the broker does not let us declare what it needs: " + reason.getReplyText()
                                            + "; grant the permission, or declare it on the broker and set etd.broker.declare=false"));
            throw e;
        } finally {
            oneAtATime.unlock();
        }
    }

    private void requireQueues(SpringRabbitMQEndpoint endpoint) {
        for (String queue : queues(endpoint)) {
            if (admin.getQueueInfo(queue) == null) {
                complain(
                        endpoint,
                        "the broker has no queue '" + queue
                                + "'; declare it, or let ETD do it with etd.broker.declare=true");
                throw new AmqpException("no queue '" + queue + "'");
            }
        }
    }

    private void complain(SpringRabbitMQEndpoint endpoint, String problem) {
        if (!problem.equals(complaints.put(endpoint.getQueues(), problem))) {
            log.warn(
                    "spring-rabbitmq:{} with queue {} waits: {}",
                    endpoint.getExchangeName(),
                    endpoint.getQueues(),
                    problem);
        }
    }

    static List<String> queues(SpringRabbitMQEndpoint endpoint) {
        return List.of(endpoint.getQueues().strip().split("\\s*,\\s*"));
    }

    private void declare(SpringRabbitMQEndpoint endpoint) {
        declareParking();
        String exchange = endpoint.getExchangeName();
        if (!isDefaultExchange(exchange) && !hasExchange(exchange)) {
            admin.declareExchange(new ExchangeBuilder(exchange, endpoint.getExchangeType()).build());
        }
        for (String queue : queues(endpoint)) {
            declareQueue(queue, endpoint.getQueueArgs());
            if (!isDefaultExchange(exchange)) {
                admin.declareBinding(new Binding(
                        queue,
                        Binding.DestinationType.QUEUE,
                        exchange,
                        endpoint.getRoutingKey(),
                        endpoint.getBindingArgs()));
            }
        }
    }

    void declareParking() {
        if (broker.declare()) {
            declare(broker.parkingQueue(), Map.of());
        }
    }

    /** Whatever the broker itself gives up on (a delivery limit, a time to live) is parked too. */
    private void declareQueue(String name, Map<String, Object> arguments) {
        Map<String, Object> all =
                new HashMap<>(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", broker.parkingQueue()));
        all.putAll(arguments);
        declare(name, all);
    }

    private void declare(String name, Map<String, Object> arguments) {
        if (admin.getQueueInfo(name) == null) {
            Map<String, Object> all = new HashMap<>(arguments);
            all.putIfAbsent("x-queue-type", broker.queueType().name().toLowerCase(Locale.ROOT));
            admin.declareQueue(new Queue(name, true, false, false, all));
        }
    }

    boolean hasExchange(String name) {
        return Boolean.TRUE.equals(template.execute(channel -> {
            try {
                channel.exchangeDeclarePassive(name);
                return true;
            } catch (IOException e) {
                if (isNotFound(e)) {
                    return false; // the broker closes the channel over it; the next call gets a new one
                }
                throw e;
            }
        }));
    }

    private static boolean isNotFound(IOException e) {
        return refusal(e).map(reason -> reason.getReplyCode() == AMQP.NOT_FOUND).orElse(false);
    }

    /** What the broker says when it closes a channel; nothing when the line is cut. */
    private static Optional<AMQP.Channel.Close> refusal(Exception e) {
        return NestedExceptionUtils.getMostSpecificCause(e) instanceof ShutdownSignalException closed
                        && closed.getReason() instanceof AMQP.Channel.Close reason
                ? Optional.of(reason)
                : Optional.empty();
    }
}
