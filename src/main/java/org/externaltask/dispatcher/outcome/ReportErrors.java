package org.externaltask.dispatcher.outcome;

import java.time.Duration;
import java.util.Set;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.engine.EngineFault;
import org.externaltask.dispatcher.engine.EngineFaults;
import org.externaltask.dispatcher.failure.PermanentFailure;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Tells the error clauses of the reporting routes what went wrong, and whether to try again. */
@Component("reportErrors")
public class ReportErrors {

    private static final Logger LOG = LoggerFactory.getLogger(ReportErrors.class);

    private static final int COLLISIONS = 5;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final Set<String> UNLOCKS = Set.of("unlocked", "circuitOpen");

    /** Fixed, so that it is known whether the lease is still alive after it. */
    private static final Duration UNLOCK_PAUSE = Duration.ofMillis(500);

    private static final String COLLIDED = "etdReportCollisions";
    private static final String SINCE = "etdReportFailsSince";
    private static final String UNANSWERED = "etdReportUnanswered";

    private final EngineFaults faults;
    private final InstanceLine line;

    ReportErrors(EngineFaults faults, InstanceLine line) {
        this.faults = faults;
        this.line = line;
    }

    /**
     * The same report may be taken in a moment: some tries after collisions in the engine, minutes while it cannot be reached, is too
     * busy, or does not let us in. When it says for how long it wants to be left alone, it is, for a minute at most. Nothing is lost by trying on after the end of the lease, because the engine takes a result from nobody but the last one to hold the lock.
     */
    public boolean isWorthRepeating(Exchange exchange) {
        Throwable cause = cause(exchange);
        EngineAnswer answer = EngineAnswer.meaningOf(cause).orElse(null);
        if (answer != EngineAnswer.OPTIMISTIC_LOCK) {
            line.leave(exchange);
        }
        if (answer == null || !(answer.isPassing() || answer == EngineAnswer.UNAUTHORISED)) {
            return false;
        }
        EngineFault fault = faults.count(exchange.getVariable("engine", String.class), cause);
        if (answer == EngineAnswer.OPTIMISTIC_LOCK) {
            int collisions = exchange.getProperty(COLLIDED, 0, Integer.class) + 1;
            exchange.setProperty(COLLIDED, collisions);
            return collisions <= COLLISIONS;
        }
        if (answer == EngineAnswer.UNREACHABLE && wasSent(cause)) {
            exchange.setProperty(UNANSWERED, true);
        }
        Duration pause = pause(fault, exchange);
        if (!pause.isZero()) {
            exchange.getMessage().setHeader(Exchange.REDELIVERY_DELAY, pause.toMillis());
        }
        long now = System.nanoTime();
        Long since = exchange.getProperty(SINCE, Long.class);
        if (since == null) {
            since = now;
            exchange.setProperty(SINCE, now);
            if (answer == EngineAnswer.UNAUTHORISED) {
                LOG.error(
                        "task {} of topic {} cannot be reported: {}. Trying again every minute, for 5 minutes",
                        exchange.getVariable("taskId"),
                        exchange.getVariable("topicName"),
                        fault.reason());
            }
        }
        return isUnlock(exchange) ? isAlive(exchange, now + pause.toNanos()) : now - since < PATIENCE.toNanos();
    }

    /** How long to wait before the next try; zero leaves it to the error clause. */
    private static Duration pause(EngineFault fault, Exchange exchange) {
        if (fault.answer() == EngineAnswer.UNAUTHORISED) {
            return EngineFault.LONGEST_PAUSE;
        }
        Duration least = isUnlock(exchange) ? UNLOCK_PAUSE : Duration.ZERO;
        return fault.retryAfter().compareTo(least) > 0 ? fault.retryAfter() : least;
    }

    /** The result itself is at fault, and no repetition will make the engine take it. */
    public boolean isRefusal(Exchange exchange) {
        Throwable cause = cause(exchange);
        return EngineAnswer.meaningOf(cause).map(EngineAnswer::isRefusal).orElse(cause instanceof PermanentFailure);
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

    private static boolean wasSent(Throwable cause) {
        return !(cause instanceof HttpCallFailed failed) || failed.wasSent();
    }

    private static Throwable cause(Exchange exchange) {
        return exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    }
}
