package org.externaltask.dispatcher.broker;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.springframework.amqp.rabbit.connection.PublisherCallbackChannel.RETURNED_MESSAGE_CORRELATION_KEY;

import com.rabbitmq.client.ShutdownSignalException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.ReturnedMessage;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.connection.CorrelationData.Confirm;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.stereotype.Component;

/** Publishes, and is done only when the broker has confirmed the message and has not returned it as unroutable. */
@Component
class Publisher {

    private static final int CHANNELS = 25;
    private static final Duration RETURN_AFTER_NACK = Duration.ofMillis(300);

    private final RabbitTemplate template;
    private final Topology topology;
    private final ExecutorService executor;
    private final Duration confirmTimeout;
    private final String broker;
    private final BrokerMeters meters;

    private final Set<String> knownExchanges = ConcurrentHashMap.newKeySet();

    /** Spring keeps a channel for each unconfirmed message; further messages wait instead of opening more and more. */
    private final Semaphore channels;

    /** By correlation: RabbitMQ returns an unroutable message and then acks it, Qpid nacks it and then returns it. */
    private final Map<String, CompletableFuture<Boolean>> returns = new ConcurrentHashMap<>();

    Publisher(
            ConnectionFactory connections,
            Topology topology,
            CamelContext context,
            EtdProperties properties,
            BrokerMeters meters) {
        this.meters = meters;
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
        channels = new Semaphore(
                connections instanceof CachingConnectionFactory caching ? caching.getChannelCacheSize() : CHANNELS);
    }

    /** A route is going to publish there. */
    void show(Destination to) {
        meters.show(to);
    }

    /** Fails with {@link PublishFailed}; never completes on a thread of the broker's connection. */
    CompletableFuture<Void> publish(Destination to, Message message) {
        long started = System.nanoTime();
        return attempt(to, message, true)
                .whenComplete((done, failure) ->
                        meters.published(to, failure == null ? null : cause(failure), System.nanoTime() - started));
    }

    /** Waits for the broker; fails with {@link PublishFailed}. */
    void publishAndWait(Destination to, Message message) {
        try {
            publish(to, message).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof PublishFailed failed ? failed : e;
        }
    }

    private CompletableFuture<Void> attempt(Destination to, Message message, boolean again) {
        CorrelationData correlation = new CorrelationData();
        returns.put(correlation.getId(), new CompletableFuture<>());
        // Sending has a thread of its own because it blocks while the broker is being connected to, or throttles us.
        return CompletableFuture.supplyAsync(() -> send(to, message, correlation), executor)
                .thenCompose(confirmed -> confirmed)
                .orTimeout(confirmTimeout.toMillis(), MILLISECONDS)
                .handleAsync(
                        (confirm, failure) -> failure == null
                                ? judge(to, message, correlation, confirm, again)
                                : failed(to, message, correlation, cause(failure), again),
                        executor)
                .thenCompose(outcome -> outcome)
                .whenComplete((done, failure) -> returns.remove(correlation.getId()));
    }

    private CompletableFuture<Confirm> send(Destination to, Message message, CorrelationData correlation) {
        requireExchange(to);
        channels.acquireUninterruptibly();
        CompletableFuture<Confirm> confirmed =
                correlation.getFuture().orTimeout(confirmTimeout.toMillis(), MILLISECONDS);
        confirmed.whenComplete((confirm, failure) -> channels.release());
        try {
            template.send(to.exchange(), to.routingKey(), message, correlation);
        } catch (RuntimeException e) {
            confirmed.completeExceptionally(e);
        }
        return confirmed;
    }

    /** Publishing to a missing exchange would close the channel, and the next messages on it would fail with it. */
    private void requireExchange(Destination to) {
        if (!to.exchange().isEmpty() && !knownExchanges.contains(to.exchange())) {
            if (!topology.hasExchange(to.exchange())) {
                throw PublishFailed.unknownExchange(to);
            }
            knownExchanges.add(to.exchange());
        }
    }

    private CompletionStage<Void> judge(
            Destination to, Message message, CorrelationData correlation, Confirm confirm, boolean again) {
        if (correlation.getReturned() != null) {
            return CompletableFuture.failedFuture(PublishFailed.unroutable(to));
        }
        if (confirm.isAck()) {
            return CompletableFuture.completedFuture(null);
        }
        if (confirm.getReason() != null) {
            knownExchanges.remove(to.exchange()); // it may be gone, which the next attempt finds out
            return again
                    ? attempt(to, message, false)
                    : CompletableFuture.failedFuture(PublishFailed.refused(to, confirm.getReason()));
        }
        return returns.get(correlation.getId())
                .completeOnTimeout(false, RETURN_AFTER_NACK.toMillis(), MILLISECONDS)
                .thenComposeAsync(
                        returned -> CompletableFuture.failedFuture(
                                returned ? PublishFailed.unroutable(to) : PublishFailed.refused(to, null)),
                        executor);
    }

    private CompletionStage<Void> failed(
            Destination to, Message message, CorrelationData correlation, Throwable failure, boolean again) {
        if (correlation.getReturned() != null) {
            return CompletableFuture.failedFuture(PublishFailed.unroutable(to));
        }
        if (failure instanceof TimeoutException) {
            return CompletableFuture.failedFuture(PublishFailed.unconfirmed(to, confirmTimeout));
        }
        if (failure instanceof PublishFailed) {
            return CompletableFuture.failedFuture(failure);
        }
        boolean channelClosed =
                NestedExceptionUtils.getMostSpecificCause(failure) instanceof ShutdownSignalException closed
                        && !closed.isHardError();
        return again && channelClosed
                ? attempt(to, message, false)
                : CompletableFuture.failedFuture(PublishFailed.unreachable(to, broker, failure));
    }

    private void returned(ReturnedMessage message) {
        String id = message.getMessage().getMessageProperties().getHeader(RETURNED_MESSAGE_CORRELATION_KEY);
        CompletableFuture<Boolean> waiting = returns.get(id);
        if (waiting != null) {
            waiting.complete(true);
        }
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
