package org.externaltask.dispatcher.outcome;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.failure.PermanentFailure;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.externaltask.dispatcher.http.HttpCallFailed.Reason;
import org.springframework.stereotype.Component;

/** Tells the error clauses of the reporting routes what went wrong, and whether to try again. */
@Component("reportErrors")
public class ReportErrors {

    private static final int COLLISIONS = 5;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Set<Reason> NEVER_SENT = EnumSet.of(
            Reason.CONNECTION_REFUSED,
            Reason.CONNECT_TIMEOUT,
            Reason.UNKNOWN_HOST,
            Reason.TLS,
            Reason.NO_FREE_CONNECTION);

    private static final Set<String> UNLOCKS = Set.of("unlocked", "circuitOpen");

    private static final String COLLIDED = "etdReportCollisions";
    private static final String SINCE = "etdReportFailsSince";
    private static final String UNANSWERED = "etdReportUnanswered";

    /**
     * The same report may be taken in a moment: some tries after collisions in the engine, minutes while it cannot be reached. Nothing
     * is lost by trying on after the end of the lease, because the engine takes a result from nobody but the last one to hold the lock.
     */
    public boolean isWorthRepeating(Exchange exchange) {
        if (!(cause(exchange) instanceof HttpCallFailed failed)
                || !EngineAnswer.of(failed).isPassing()) {
            return false;
        }
        if (EngineAnswer.of(failed) == EngineAnswer.OPTIMISTIC_LOCK) {
            int collisions = exchange.getProperty(COLLIDED, 0, Integer.class) + 1;
            exchange.setProperty(COLLIDED, collisions);
            return collisions <= COLLISIONS;
        }
        if (!NEVER_SENT.contains(failed.reason()) && EngineAnswer.of(failed) == EngineAnswer.UNREACHABLE) {
            exchange.setProperty(UNANSWERED, true);
        }
        long now = System.nanoTime();
        Long since = exchange.getProperty(SINCE, Long.class);
        if (since == null) {
            exchange.setProperty(SINCE, now);
            return true;
        }
        return isUnlock(exchange) ? isAlive(exchange, now) : now - since < PATIENCE.toNanos();
    }

    /** The result itself is at fault, and no repetition will make the engine take it. */
    public boolean isRefusal(Exchange exchange) {
        Throwable cause = cause(exchange);
        return cause instanceof PermanentFailure
                || (cause instanceof HttpCallFailed failed
                        && EngineAnswer.of(failed).isRefusal());
    }

    /** Whether an earlier try was sent and not answered. */
    static boolean mayHaveArrived(Exchange exchange) {
        return exchange.getProperty(UNANSWERED, false, Boolean.class);
    }

    // The engine lets anybody unlock a task, so that after the end of the lease it might be taken away from somebody
    // else.
    private static boolean isUnlock(Exchange exchange) {
        return UNLOCKS.contains(exchange.getProperty("etdOutcome", "", String.class))
                || exchange.getProperty("etdLeaseAlive") != null;
    }

    private static boolean isAlive(Exchange exchange, long now) {
        return TaskInWork.of(exchange).map(work -> work.lease().isAlive(now)).orElse(false);
    }

    private static Throwable cause(Exchange exchange) {
        return exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    }
}
