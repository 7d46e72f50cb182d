package org.externaltask.dispatcher.broker;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.springframework.amqp.rabbit.connection.PublisherCallbackChannel.RETURNED_MESSAGE_CORRELATION_KEY;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.ReturnedMessage;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.connection.CorrelationData.Confirm;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.stereotype.Component;

/** Publishes, and is done only when the broker has confirmed the message and has not returned it as unroutable. */
@Component
class Publisher {

    private static final Duration RETURN_AFTER_NACK = Duration.ofMillis(300);

    private final RabbitTemplate template;
    private final Topology topology;
    private final ExecutorService executor;
    private final Duration confirmTimeout;
    private final String broker;

    /** By correlation: RabbitMQ returns an unroutable message and then acks it, Qpid nacks it and then returns it. */
    private final Map<String, CompletableFuture<Boolean>> returns = new ConcurrentHashMap<>();

    Publisher(ConnectionFactory connections, Topology topology, CamelContext context, EtdProperties properties) {
        if (!connections.isPublisherConfirms() || !connections.isPublisherReturns()) {
            throw new IllegalStateException(
                    "without the broker's confirms and returns a message can be lost unseen: set"
                            + " spring.rabbitmq.publisher-confirm-type=correlated and spring.rabbitmq.publisher-returns=true");
        }
        template = new RabbitTemplate(connections);
        template.setMandatory(true);
        template.setReturnsCallback(this::returned);
        template.setUsePublisherConnection(true); // a broker that throttles publishers must not throttle our acks
        this.topology = topology;
        executor = context.getExecutorServiceManager().newCachedThreadPool(this, "publish");
        confirmTimeout = properties.broker().confirmTimeout();
        broker = connections.getHost() + ":" + connections.getPort();
        if (connections.getPublisherConnectionFactory() instanceof CachingConnectionFactory publishers) {
            // Spring keeps a channel for each unconfirmed message; a limit makes the next ones wait instead of opening
            // more.
            publishers.setChannelCheckoutTimeout(confirmTimeout.toMillis());
        }
    }

    /** Fails with {@link PublishFailed}; never completes on a thread of the broker's connection. */
    CompletableFuture<Void> publish(Destination to, Message message) {
        CorrelationData correlation = new CorrelationData();
        returns.put(correlation.getId(), new CompletableFuture<>());
        // Sending has a thread of its own because it blocks while the broker is being connected to, or throttles us.
        return CompletableFuture.runAsync(
                        () -> template.send(to.exchange(), to.routingKey(), message, correlation), executor)
                .thenCompose(sent -> correlation.getFuture())
                .orTimeout(confirmTimeout.toMillis(), MILLISECONDS)
                .handleAsync((confirm, failure) -> judge(to, correlation, confirm, failure), executor)
                .thenCompose(outcome -> outcome)
                .whenComplete((done, failure) -> returns.remove(correlation.getId()));
    }

    private CompletionStage<Void> judge(
            Destination to, CorrelationData correlation, Confirm confirm, Throwable failure) {
        if (correlation.getReturned() != null) {
            return CompletableFuture.failedFuture(PublishFailed.unroutable(to));
        }
        if (failure != null) {
            return CompletableFuture.failedFuture(
                    cause(failure) instanceof TimeoutException
                            ? PublishFailed.unconfirmed(to, confirmTimeout)
                            : PublishFailed.unreachable(to, broker, cause(failure)));
        }
        if (confirm.isAck()) {
            return CompletableFuture.completedFuture(null);
        }
        if (confirm.getReason() != null) {
            return CompletableFuture.failedFuture(refusal(to, confirm.getReason()));
        }
        return returns.get(correlation.getId())
                .completeOnTimeout(false, RETURN_AFTER_NACK.toMillis(), MILLISECONDS)
                .thenComposeAsync(
                        returned -> CompletableFuture.failedFuture(
                                returned ? PublishFailed.unroutable(to) : PublishFailed.refused(to, null)),
                        executor);
    }

    private void returned(ReturnedMessage message) {
        String id = message.getMessage().getMessageProperties().getHeader(RETURNED_MESSAGE_CORRELATION_KEY);
        CompletableFuture<Boolean> waiting = returns.get(id);
        if (waiting != null) {
            waiting.complete(true);
        }
    }

    /** A nack with a reason is a channel that was closed; Spring's reason seldom says that the exchange is missing. */
    private PublishFailed refusal(Destination to, String reason) {
        try {
            if (!to.exchange().isEmpty() && !topology.hasExchange(to.exchange())) {
                return PublishFailed.unknownExchange(to);
            }
        } catch (AmqpException e) {
            return PublishFailed.unreachable(to, broker, e);
        }
        return reason.contains("reply-code=403") ? PublishFailed.forbidden(to) : PublishFailed.refused(to, reason);
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
