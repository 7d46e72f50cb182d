package org.externaltask.dispatcher.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.QueueInformation;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/**
 * Declares what a receive route needs and the broker does not have yet, or says what is missing. What exists is taken as it is, so
 * that operators may declare their own.
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

    /** Fails when the broker does not have afterwards what the route needs; says why once, however often it is tried. */
    void declareFor(SpringRabbitMQEndpoint endpoint) {
        Needs needs = Needs.of(List.of(endpoint), broker);
        oneAtATime.lock();
        try {
            if (broker.declare()) {
                declare(needs);
            } else {
                require(needs, endpoint);
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

    void declareParking() {
        if (broker.declare()) {
            declare(Needs.parking(broker));
        }
    }

    static List<String> queues(SpringRabbitMQEndpoint endpoint) {
        return List.of(endpoint.getQueues().strip().split("\\s*,\\s*"));
    }

    private void declare(Needs needs) {
        needs.exchanges().stream()
                .filter(exchange -> !hasExchange(exchange.getName()))
                .forEach(admin::declareExchange);
        needs.queues().stream().filter(queue -> !hasQueue(queue.getName())).forEach(admin::declareQueue);
        needs.bindings().forEach(admin::declareBinding);
    }

    private void require(Needs needs, SpringRabbitMQEndpoint endpoint) {
        String missing = Stream.concat(
                        needs.exchanges().stream()
                                .filter(exchange -> !hasExchange(exchange.getName()))
                                .map(exchange -> "exchange '" + exchange.getName() + "'"),
                        needs.queues().stream()
                                .filter(queue -> !hasQueue(queue.getName()))
                                .map(queue -> "queue '" + queue.getName() + "'"))
                .collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            complain(
                    endpoint,
                    "the broker has no " + missing
                            + "; import the definitions that --etd.broker.print-definitions=true prints, or let ETD declare it"
                            + " with etd.broker.declare=true");
            throw new AmqpException("no " + missing);
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

    private boolean hasQueue(String name) {
        return admin.getQueueInfo(name) != null;
    }

    /** How many messages a queue has; none when the broker has no such queue. */
    long messages(String queue) {
        QueueInformation found = admin.getQueueInfo(queue);
        return found == null ? 0 : found.getMessageCount();
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
