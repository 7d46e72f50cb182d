package org.externaltask.dispatcher.usertask;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.broker.PublishFailed;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.engine.WorkerIds;
import org.externaltask.dispatcher.externaltask.NoSuchSubscriptionException;
import org.externaltask.dispatcher.failure.CircuitOpen;
import org.externaltask.dispatcher.failure.PermanentFailure;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Decides what becomes of a user task that could not be handed out or withdrawn. What may pass is tried again, as often as the
 * route's {@code retries} say; after that, or when repeating cannot help, an incident of its process instance shows it.
 */
@Configuration(proxyBeanMethods = false)
class HandOverErrors {

    /** Exchange property: the mark that was being set, or was set last. */
    static final String MARKED = "etdUserTaskMarked";

    private static final String OUTCOME = "etdOutcome";
    private static final String REASON = "etdUserTaskReason";
    private static final String INCIDENT = "userTaskNotHandedOut";

    /** The engine's column holds 4,000 characters. */
    private static final int LONGEST_MESSAGE = 3_000;

    private static final Logger LOG = LoggerFactory.getLogger(HandOverErrors.class);

    private final UserTaskPlan plan;
    private final WorkerIds workerIds;
    private final UserTaskMetrics metrics;

    HandOverErrors(UserTaskPlan plan, WorkerIds workerIds, UserTaskMetrics metrics) {
        this.plan = plan;
        this.workerIds = workerIds;
        this.metrics = metrics;
    }

    private enum Kind {
        /** The engine does not have the task any more. */
        GONE,
        /** Not the task's failure: it waits and loses no try. */
        NOT_NOW,
        MAY_PASS,
        PERMANENT
    }

    @Bean
    Processor judgeUserTask() {
        return exchange -> {
            UserTask task = UserTask.of(exchange).orElseThrow();
            task.nameTask(exchange);
            Throwable error = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
            String outcome = judge(exchange, task, error);
            if (outcome != null) {
                exchange.setProperty(OUTCOME, outcome);
            }
        };
    }

    /** The mark keeps the task from being handed out again until a person deletes it. */
    @Bean
    Processor userTaskFailed() {
        return exchange -> {
            UserTask task = UserTask.of(exchange).orElseThrow();
            exchange.getMessage()
                    .setBody(Mark.request(
                            Mark.State.FAILED,
                            workerIds.of(task.subscription().key().engine())));
        };
    }

    /** The request as {@code POST /execution/{id}/create-incident} wants it. */
    @Bean
    Processor userTaskIncident() {
        return exchange -> {
            UserTask task = UserTask.of(exchange).orElseThrow();
            JsonNode incident = JsonNodeFactory.instance
                    .objectNode()
                    .put("incidentType", INCIDENT)
                    .put("configuration", task.id())
                    .put("message", exchange.getProperty(REASON, String.class));
            exchange.getMessage().setBody(incident);
        };
    }

    private String judge(Exchange exchange, UserTask task, Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof HandedOutElsewhere elsewhere) {
                return elsewhere(task, elsewhere);
            }
        }
        Kind kind = kind(error);
        String reason = reason(error);
        boolean withdrawal = task.subscription().isWithdrawal();
        if (kind == Kind.GONE) {
            gone(exchange, task);
            return "gone";
        }
        if (withdrawal && isNotThere(error)) {
            plan.settled(task); // handing it out had only begun, or somebody has removed it there
            metrics.count(task, "withdrawn");
            return null;
        }
        if (kind == Kind.NOT_NOW) {
            LOG.debug(
                    "user task {} of {} waits: {}",
                    task.id(),
                    task.subscription().key().uri(),
                    reason);
            plan.postpone(task, backoff(task, 1));
            return "postponed";
        }
        int failures = plan.failed(task);
        boolean last = kind == Kind.PERMANENT || failures >= task.subscription().retries();
        LOG.warn(
                "user task {} of {} could not be {}, {}: {}",
                task.id(),
                task.subscription().key().uri(),
                withdrawal ? "withdrawn" : "handed out",
                last
                        ? (withdrawal ? "given up" : "incident")
                        : "tries left: " + (task.subscription().retries() - failures),
                reason);
        if (!last) {
            plan.postpone(task, backoff(task, failures));
            metrics.count(task, "failed");
            return "postponed";
        }
        exchange.setProperty(
                REASON, reason.length() <= LONGEST_MESSAGE ? reason : reason.substring(0, LONGEST_MESSAGE));
        plan.settled(task);
        metrics.count(task, "givenUp");
        return withdrawal ? "givenUp" : "incident";
    }

    private String elsewhere(UserTask task, HandedOutElsewhere elsewhere) {
        if (elsewhere.lookAgain().isZero()) {
            plan.settled(task);
            return "elsewhere";
        }
        plan.postpone(task, elsewhere.lookAgain());
        return "postponed";
    }

    /** When it has been handed out before it was found gone, its withdrawal may have come before it, unless it was answered. */
    private void gone(Exchange exchange, UserTask task) {
        LOG.info(
                "user task {} of {} is gone (completed or cancelled)",
                task.id(),
                task.subscription().key().uri());
        if (exchange.getProperty(MARKED) == Mark.State.DONE) {
            plan.withdraw(task);
        }
        plan.settled(task);
        metrics.count(task, "gone");
    }

    private static Kind kind(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof CircuitOpen || cause instanceof NoSuchSubscriptionException) {
                return Kind.NOT_NOW;
            }
            if (cause instanceof HttpCallFailed failed) {
                return failed.isEngine() ? kindOfAnswer(failed) : mayPass(failed.mayPass());
            }
            if (cause instanceof PublishFailed failed) {
                return mayPass(failed.retriable());
            }
            if (cause instanceof PermanentFailure) {
                return Kind.PERMANENT;
            }
        }
        return Kind.PERMANENT;
    }

    private static Kind kindOfAnswer(HttpCallFailed failed) {
        return switch (EngineAnswer.ofUserTask(failed)) {
            case GONE -> Kind.GONE;
            case BAD_REQUEST -> Kind.PERMANENT;
            default -> Kind.NOT_NOW;
        };
    }

    private static boolean isNotThere(Throwable error) {
        return error instanceof HttpCallFailed failed
                && !failed.isEngine()
                && (failed.status() == 404 || failed.status() == 410);
    }

    private static Kind mayPass(boolean mayPass) {
        return mayPass ? Kind.MAY_PASS : Kind.PERMANENT;
    }

    /** The text of an error that is not ours may quote data of the process, which has no place in a log. */
    private static String reason(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpCallFailed
                    || cause instanceof PublishFailed
                    || cause instanceof PermanentFailure
                    || cause instanceof CircuitOpen
                    || cause instanceof NoSuchSubscriptionException) {
                return String.valueOf(cause.getMessage());
            }
        }
        Throwable root = error;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return "a mapping or another step of its route failed with "
                + root.getClass().getSimpleName() + "; mend the file and delete the task's variable " + Mark.VARIABLE;
    }

    private static Duration backoff(UserTask task, int failures) {
        List<Duration> backoff = task.subscription().retryBackoff();
        return backoff.get(Math.min(failures, backoff.size()) - 1);
    }
}
