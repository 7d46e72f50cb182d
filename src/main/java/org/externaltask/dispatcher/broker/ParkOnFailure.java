package org.externaltask.dispatcher.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.RuntimeCamelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.ImmediateRequeueAmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.support.ListenerExecutionFailedException;

/**
 * Around the work on one message: when it fails, parks the message before it is acknowledged. As long as parking fails,
 * the message is held and parking tried again; when the route stops, the message goes back to its queue.
 */
class ParkOnFailure implements MethodInterceptor {

    private static final Logger log = LoggerFactory.getLogger(ParkOnFailure.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5); // also what stopping may have to wait
    private static final int LONGEST_LINE = 500;

    private final Parking parking;
    private final BooleanSupplier active;

    ParkOnFailure(Parking parking, BooleanSupplier active) {
        this.parking = parking;
        this.active = active;
    }

    @Override
    public Object invoke(MethodInvocation work) throws Throwable {
        Instant firstSeen = Instant.now();
        try {
            return work.proceed();
        } catch (Exception e) {
            park((Message) work.getArguments()[1], innermost(e), firstSeen);
            return null;
        }
    }

    private void park(Message message, Throwable failure, Instant firstSeen) throws InterruptedException {
        String id =
                line(Objects.requireNonNullElse(message.getMessageProperties().getMessageId(), "(without id)"));
        String queue = message.getMessageProperties().getConsumerQueue();
        for (Duration pause = FIRST_PAUSE; active.getAsBoolean(); pause = longer(pause)) {
            try {
                parking.park(message, reason(failure), firstSeen);
                log.warn("Parked message {} of queue {}: {}", id, queue, loggable(failure));
                return;
            } catch (PublishFailed | AmqpException e) {
                log.warn(
                        "Message {} of queue {} failed ({}) and is held, because it cannot be parked: {}",
                        id,
                        queue,
                        loggable(failure),
                        line(e.getMessage()));
                Thread.sleep(pause.toMillis());
            }
        }
        throw new ImmediateRequeueAmqpException("the route is stopping; the message goes back to its queue");
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
        return isOurs(failure)
                ? line(failure.getMessage())
                : line(failure.getClass().getSimpleName() + ": " + failure.getMessage());
    }

    private static String loggable(Throwable failure) {
        return isOurs(failure)
                ? line(failure.getMessage())
                : failure.getClass().getSimpleName() + "; what it says is in the header etd-parked-reason";
    }

    private static boolean isOurs(Throwable failure) {
        return failure.getClass().getName().startsWith("org.externaltask.");
    }

    private static boolean isWrapper(Throwable failure) {
        return failure instanceof ListenerExecutionFailedException
                || failure instanceof CamelExecutionException
                || failure.getClass() == RuntimeCamelException.class;
    }

    private static String line(String text) {
        String line = String.valueOf(text).replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "…";
    }
}
