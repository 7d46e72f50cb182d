package org.externaltask.dispatcher.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.RuntimeCamelException;
import org.externaltask.dispatcher.broker.MessageCounts.Outcome;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.ImmediateRequeueAmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.support.ListenerExecutionFailedException;
import org.springframework.stereotype.Component;

/**
 * Around the work on one message: when the route fails, the message waits in a retry queue or is parked before it is acknowledged. As
 * long as the broker takes it in neither way it is held; when the engine is away, or the route stops, it goes back to its queue.
 */
@Component
class PatientDelivery {

    private static final Logger log = LoggerFactory.getLogger(PatientDelivery.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5); // also what stopping may have to wait

    private final RetryQueues retryQueues;
    private final Parking parking;
    private final Correlated correlated;
    private final EngineWatch engines;
    private final MessageCounts counts;
    private final BrokerMeters meters;
    private final QueuesSeen seen;
    private final Duration messageTtl;

    PatientDelivery(
            RetryQueues retryQueues,
            Parking parking,
            Correlated correlated,
            EngineWatch engines,
            MessageCounts counts,
            BrokerMeters meters,
            QueuesSeen seen,
            EtdProperties properties) {
        this.retryQueues = retryQueues;
        this.parking = parking;
        this.correlated = correlated;
        this.engines = engines;
        this.counts = counts;
        this.meters = meters;
        this.seen = seen;
        this.messageTtl = properties.broker().messageTtl();
    }

    /** What a container needs around its work. */
    MethodInterceptor around(ReceivingContainer container) {
        return work -> {
            deliver((Message) work.getArguments()[1], work, container);
            return null;
        };
    }

    private void deliver(Message message, MethodInvocation work, ReceivingContainer container) throws Throwable {
        Instant received = Instant.now();
        if (correlated.has(message)) {
            counts.count(queue(message), Outcome.DUPLICATE);
            return;
        }
        try {
            work.proceed();
        } catch (Exception e) {
            Attempts before = retryQueues.before(message.getMessageProperties(), received);
            seen.of(queue(message)).failed(innermost(e).getClass().getSimpleName());
            failed(message, innermost(e), before, container);
            return;
        }
        correlated.add(message);
        seen.of(queue(message)).succeeded();
        counts.count(queue(message), Outcome.CORRELATED);
        Attempts before = retryQueues.before(message.getMessageProperties(), received);
        meters.ended(queue(message), "correlated", before.firstSeen(), before.made() + 1);
    }

    private void failed(Message message, Throwable failure, Attempts before, ReceivingContainer container)
            throws InterruptedException {
        MessageProperties properties = message.getMessageProperties();
        Attempts attempts = before.andOneMore(MessageErrors.isUnanswered(failure));
        Verdict verdict = MessageErrors.verdict(
                failure, attempts.unanswered() || Boolean.TRUE.equals(properties.isRedelivered()));
        if (verdict == Verdict.DUPLICATE) {
            log.warn(
                    "Message {} of queue {} had been delivered before, and the instance that it names has ended since; taken as"
                            + " correlated",
                    id(message),
                    queue(message));
            counts.count(queue(message), Outcome.DUPLICATE);
            return;
        }
        if (verdict == Verdict.ASK_ENGINE
                && MessageErrors.engine(failure)
                        .filter(engine -> engines.stopsFor(engine, container))
                        .isPresent()) {
            giveBack(message, "the engine is away");
        }
        boolean again = verdict != Verdict.PARK && retryQueues.exist() && !isOver(attempts);
        for (Duration pause = FIRST_PAUSE; container.isActive(); pause = longer(pause)) {
            if (again ? retried(message, failure, attempts) : parked(message, failure, attempts)) {
                return;
            }
            Thread.sleep(pause.toMillis());
        }
        giveBack(message, "the route is stopping");
    }

    private boolean isOver(Attempts attempts) {
        return !attempts.firstSeen().plus(messageTtl).isAfter(Instant.now());
    }

    /** A message that the retry queue does not take is parked. */
    private boolean retried(Message message, Throwable failure, Attempts attempts) {
        try {
            retryQueues.later(message, attempts);
            log.debug("Message {} of queue {} waits for its next try", id(message), queue(message), failure);
            counts.count(queue(message), Outcome.RETRIED);
            return true;
        } catch (PublishFailed | AmqpException e) {
            log.warn(
                    "Message {} of queue {} cannot wait for its next try: {}",
                    id(message),
                    queue(message),
                    Line.of(e.getMessage()));
            return parked(message, failure, attempts);
        }
    }

    private boolean parked(Message message, Throwable failure, Attempts attempts) {
        try {
            parking.park(message, reason(failure) + doubt(attempts), attempts);
            log.warn(
                    "Parked message {} of queue {}: {}{}",
                    id(message),
                    queue(message),
                    loggable(failure),
                    doubt(attempts));
            counts.count(queue(message), Outcome.PARKED);
            meters.ended(queue(message), "parked", attempts.firstSeen(), attempts.made());
            return true;
        } catch (PublishFailed | AmqpException e) {
            log.warn(
                    "Message {} of queue {} failed ({}) and is held, because it cannot be parked: {}",
                    id(message),
                    queue(message),
                    loggable(failure),
                    Line.of(e.getMessage()));
            return false;
        }
    }

    private void giveBack(Message message, String why) {
        counts.count(queue(message), Outcome.REQUEUED);
        throw new ImmediateRequeueAmqpException(why + "; the message goes back to its queue");
    }

    private static String id(Message message) {
        return Line.of(Objects.requireNonNullElse(message.getMessageProperties().getMessageId(), "(without id)"));
    }

    private static String queue(Message message) {
        return message.getMessageProperties().getConsumerQueue();
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    private static Throwable innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && isWrapper(cause)) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** For the parked message, which holds the data anyway that the text of an unknown error may quote. */
    private static String reason(Throwable failure) {
        return Line.of(
                isOurs(failure)
                        ? failure.getMessage()
                        : failure.getClass().getSimpleName() + ": " + failure.getMessage());
    }

    private static String doubt(Attempts attempts) {
        return attempts.unanswered()
                ? "; the engine did not answer an earlier try, so it may have been correlated"
                : "";
    }

    private static String loggable(Throwable failure) {
        return isOurs(failure)
                ? Line.of(failure.getMessage())
                : failure.getClass().getSimpleName() + "; what it says is in the header " + Parking.REASON;
    }

    private static boolean isOurs(Throwable failure) {
        return failure.getClass().getName().startsWith("org.externaltask.");
    }

    private static boolean isWrapper(Throwable failure) {
        return failure instanceof ListenerExecutionFailedException
                || failure instanceof CamelExecutionException
                || failure.getClass() == RuntimeCamelException.class;
    }
}
