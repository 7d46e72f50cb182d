package org.externaltask.dispatcher.broker;

import static org.apache.camel.component.springrabbit.SpringRabbitMQHelper.isDefaultExchange;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.ExchangeBuilder;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.stereotype.Component;

/**
 * Declares what a receive route needs and the broker does not have yet: exchange, durable queue, binding, and the
 * parking queue. What exists is taken as it is, so that operators may declare their own.
 */
@Component
class Topology {

    private final EtdProperties.Broker broker;
    private final RabbitTemplate template;
    private final AmqpAdmin admin;

    Topology(ConnectionFactory connections, EtdProperties properties) {
        broker = properties.broker();
        template = new RabbitTemplate(connections);
        admin = new RabbitAdmin(template);
    }

    void declareFor(SpringRabbitMQEndpoint endpoint) {
        if (!broker.declare()) {
            return;
        }
        declareParking();
        String exchange = endpoint.getExchangeName();
        if (!isDefaultExchange(exchange) && !hasExchange(exchange)) {
            admin.declareExchange(new ExchangeBuilder(exchange, endpoint.getExchangeType()).build());
        }
        for (String queue : List.of(endpoint.getQueues().split("\\s*,\\s*"))) {
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
        return e.getCause() instanceof ShutdownSignalException closed
                && closed.getReason() instanceof AMQP.Channel.Close reason
                && reason.getReplyCode() == AMQP.NOT_FOUND;
    }
}
