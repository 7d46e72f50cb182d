package org.externaltask.dispatcher.broker;

import java.time.Duration;
import java.util.Optional;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import org.apache.camel.Exchange;
import org.apache.camel.ExpressionEvaluationException;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.NoTypeConversionAvailableException;
import org.apache.camel.TypeConversionException;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.engine.InstanceEnded;
import org.externaltask.dispatcher.engine.NoUsableAnswer;
import org.externaltask.dispatcher.engine.NobodyWaits;
import org.externaltask.dispatcher.failure.PermanentFailure;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.springframework.stereotype.Component;

/** Decides what becomes of a message whose receive route has failed. */
@Component("messageErrors")
public class MessageErrors {

    /** Exchange property: how many deliveries of the message have failed before this one. */
    static final String ATTEMPTS = "etdAttempts";

    private static final String SINCE = "etdFailsSince";
    private static final Duration FOR_A_MOMENT = Duration.ofSeconds(1); // with pauses of 0.3, 0.6 and 1.2 s, two in all
    private static final Duration WITHOUT_RETRY_QUEUES = Duration.ofSeconds(5); // ten in all

    private final Duration quickTries;

    MessageErrors(RetryQueues retryQueues) {
        quickTries = retryQueues.exist() ? FOR_A_MOMENT : WITHOUT_RETRY_QUEUES;
    }

    /**
     * Whether the failed step is tried again while the message is held. A message that comes back from a retry queue has had its
     * quick tries, and others wait behind it; but a collision is over in a moment, and an engine that is away stops all of them.
     */
    public boolean isWorthAQuickTry(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Verdict verdict = verdict(failure, false);
        if (verdict != Verdict.RETRY && verdict != Verdict.ASK_ENGINE) {
            return false;
        }
        boolean again = exchange.getProperty(ATTEMPTS, 0, Integer.class) > 0;
        if (again && verdict == Verdict.RETRY && !isCollision(failure)) {
            return false;
        }
        long now = System.nanoTime();
        Long since = exchange.getProperty(SINCE, Long.class);
        exchange.setProperty(SINCE, since == null ? now : since);
        return since == null || now - since < quickTries.toNanos();
    }

    /** @param mayHaveArrived whether an earlier try of the message may have reached the engine */
    static Verdict verdict(Throwable failure, boolean mayHaveArrived) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InstanceEnded ended && ended.isCompleted() && mayHaveArrived) {
                return Verdict.DUPLICATE;
            }
            if (cause instanceof NoUsableAnswer) {
                return Verdict.ASK_ENGINE;
            }
            if (cause instanceof PermanentFailure || isMappingFailure(cause)) {
                return Verdict.PARK;
            }
            if (cause instanceof HttpCallFailed failed) {
                return failed.isEngine() ? engine(EngineAnswer.of(failed)) : retryIf(failed.mayPass());
            }
            if (cause instanceof PublishFailed failed) {
                return retryIf(failed.retriable());
            }
        }
        return Verdict.RETRY;
    }

    /** The name of the engine that is to be asked. */
    static Optional<String> engine(Throwable failure) {
        if (failure instanceof NoUsableAnswer unusable) {
            return Optional.of(unusable.engine());
        }
        return failure instanceof HttpCallFailed failed ? Optional.of(failed.peerName()) : Optional.empty();
    }

    /** Whether the engine got the message and its answer was lost. */
    static boolean isUnanswered(Throwable failure) {
        return failure instanceof NoUsableAnswer
                || (failure instanceof NobodyWaits nobody && nobody.isAfterUnanswered())
                || (failure instanceof InstanceEnded ended && ended.isAfterUnanswered())
                || (failure instanceof HttpCallFailed failed
                        && failed.isEngine()
                        && failed.wasSent()
                        && EngineAnswer.of(failed) == EngineAnswer.UNREACHABLE);
    }

    private static Verdict retryIf(boolean mayPass) {
        return mayPass ? Verdict.RETRY : Verdict.PARK;
    }

    private static Verdict engine(EngineAnswer answer) {
        return switch (answer) {
            case UNREACHABLE, UNAUTHORISED, THROTTLED -> Verdict.ASK_ENGINE;
            case BAD_REQUEST -> Verdict.PARK;
            case OPTIMISTIC_LOCK, CANNOT_PROCEED, GONE, LOCK_LOST, CLAIMED_BY_ANOTHER -> Verdict.RETRY;
        };
    }

    private static boolean isCollision(Throwable failure) {
        return failure instanceof HttpCallFailed failed
                && failed.isEngine()
                && EngineAnswer.of(failed) == EngineAnswer.OPTIMISTIC_LOCK;
    }

    private static boolean isMappingFailure(Throwable cause) {
        return cause instanceof ExpressionEvaluationException
                || cause instanceof TypeConversionException
                || cause instanceof NoTypeConversionAvailableException
                || cause instanceof InvalidPayloadException
                || cause instanceof JsonQueryException;
    }
}
