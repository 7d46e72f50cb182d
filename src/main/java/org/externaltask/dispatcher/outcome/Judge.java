package org.externaltask.dispatcher.outcome;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.broker.PublishFailed;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.engine.NobodyWaits;
import org.externaltask.dispatcher.externaltask.NoSuchSubscriptionException;
import org.externaltask.dispatcher.failure.CircuitOpen;
import org.externaltask.dispatcher.failure.PermanentFailure;
import org.externaltask.dispatcher.fetch.Lease;
import org.externaltask.dispatcher.fetch.LockedTask;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Decides what the engine is told about a task whose route has failed. What may pass by itself is tried again; what repeating
 * cannot help is an incident at once; what the business has a name for is a BPMN error.
 */
@Component("judgeFailure")
class Judge implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(Judge.class);

    private final TaskVariables taskVariables;
    private final Secrets secrets;
    private final TaskMeters meters;
    private final TopicsSeen seen;

    Judge(TaskVariables taskVariables, Secrets secrets, TaskMeters meters, TopicsSeen seen) {
        this.taskVariables = taskVariables;
        this.secrets = secrets;
        this.meters = meters;
        this.seen = seen;
    }

    @Override
    public void process(Exchange exchange) {
        TaskInWork work = TaskInWork.of(exchange).orElseThrow();
        LockedTask task = work.task();
        if (!work.lease().report(System.nanoTime())) {
            work.lease().end(Lease.End.DROPPED);
            exchange.setProperty("etdOutcome", "dropped"); // said and counted when the lock was lost
            return;
        }
        Throwable error = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Outcome outcome = judge(error, task, exchange);
        if (outcome instanceof Outcome.Failure && work.lease().isAbandoned()) {
            exchange.setProperty("etdOutcome", "dropped"); // the lock runs out, and another dispatcher begins anew
            return;
        }
        work.nameTask(exchange);
        if (outcome instanceof Outcome.BpmnError bpmnError) {
            exchange.setProperty("etdOutcome", "bpmnError");
            exchange.getIn().setBody(bpmnError.request(task.workerId()));
        } else if (outcome instanceof Outcome.Failure unmasked) {
            Outcome.Failure failure = unmasked.masked(secrets);
            exchange.setProperty("etdOutcome", "failure");
            exchange.setProperty(TopicsSeen.FAILURE, failure);
            meters.failed(task, failure.retries());
            seen.failed(task, error, failure);
            exchange.getIn().setBody(failure.request(task.workerId()));
            LOG.warn(
                    "task {} of topic {} failed, {}: {}",
                    task.id(),
                    task.topicName(),
                    failure.retries() == 0 ? "incident" : "tries left: " + failure.retries(),
                    failure.message());
        } else if (outcome instanceof Outcome.Unlock unlock) {
            exchange.setProperty("etdOutcome", unlock.countedAs());
            LOG.debug("task {} of topic {} is given back: {}", task.id(), task.topicName(), error.getMessage());
        }
    }

    private Outcome judge(Throwable error, LockedTask task, Exchange exchange) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof NoSuchSubscriptionException) {
                return new Outcome.Unlock("unlocked");
            }
            if (cause instanceof CircuitOpen) {
                return new Outcome.Unlock("circuitOpen");
            }
            if (cause instanceof BpmnErrorRaised raised) {
                return bpmnError(raised, task, exchange);
            }
            if (cause instanceof HttpCallFailed failed) {
                return httpCallFailed(failed, task, Circuit.wasProbe(exchange));
            }
            if (cause instanceof PublishFailed failed) {
                return failed.retriable()
                        ? mayPass(failed.getMessage(), Optional.empty(), "", task, Circuit.wasProbe(exchange))
                        : incident(failed, task);
            }
            if (cause instanceof NobodyWaits || cause instanceof ReplyMissing) {
                return mayPass(cause.getMessage(), Optional.empty(), "", task, false);
            }
            if (cause instanceof PermanentFailure) {
                return incident(cause, task);
            }
        }
        return mappingFailed(error, task, exchange);
    }

    private Outcome bpmnError(BpmnErrorRaised raised, LockedTask task, Exchange exchange) {
        try {
            ObjectNode variables = taskVariables.written(exchange);
            return new Outcome.BpmnError(raised.code(), raised.getMessage(), variables);
        } catch (PermanentFailure e) {
            return incident(e, task);
        }
    }

    private Outcome httpCallFailed(HttpCallFailed failed, LockedTask task, boolean probe) {
        if (failed.isEngine()) {
            return engineCallFailed(failed, task);
        }
        String code = task.subscription().bpmnErrors().get(failed.status());
        if (code != null) {
            return new Outcome.BpmnError(code, failed.getMessage(), JsonNodeFactory.instance.objectNode());
        }
        String details = failed.excerpt();
        return failed.mayPass()
                ? mayPass(failed.getMessage(), failed.retryAfter(), details, task, probe)
                : incident(failed.getMessage(), details, task);
    }

    private static Outcome engineCallFailed(HttpCallFailed failed, LockedTask task) {
        String said = failed.json().map(body -> body.path("message").asText("")).orElse("");
        String message = failed.getMessage() + (said.isEmpty() ? "" : ": " + said);
        if (said.contains("Unsupported value type 'Json'") || said.contains("Cannot find serializer for value")) {
            message += " (the engine lacks the Spin plug-in; set etd.engines." + task.engine() + ".json-format=STRING)";
        }
        EngineAnswer answer = EngineAnswer.of(failed);
        return answer == EngineAnswer.BAD_REQUEST
                ? incident(message, failed.excerpt(), task)
                : mayPass(message, failed.retryAfter(), failed.excerpt(), task, answer.isPassing());
    }

    private static Outcome mappingFailed(Throwable error, LockedTask task, Exchange exchange) {
        Throwable root = error;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        if (root instanceof InvalidPayloadException && exchange.getMessage().getBody() == null) {
            return incident(
                    "a mapping got an empty body (an answer without content?); look at what was called, or do without the"
                            + " mapping",
                    String.valueOf(root.getMessage()),
                    task);
        }
        // The text of an unknown error may quote data, so it goes to the engine, which holds that data anyway, but not
        // to the log.
        return incident(
                "a mapping or another step of its route failed with "
                        + root.getClass().getSimpleName() + "; see the details, mend the file and increase the retries",
                String.valueOf(root.getMessage()),
                task);
    }

    /** @param free whether it is not the task's failure: an engine that is away, or a call that was to find out if its target is back */
    private static Outcome mayPass(
            String message, Optional<Duration> retryAfter, String details, LockedTask task, boolean free) {
        RetryPolicy policy = RetryPolicy.of(task);
        int retries = free ? policy.retriesBefore(task.retries()) : policy.retriesLeft(task.retries());
        String note =
                RetryPolicy.problem(task).map(problem -> " (" + problem + ")").orElse("");
        return new Outcome.Failure(
                named(message, task) + note, details, retries, policy.retryTimeout(retries, retryAfter));
    }

    private static Outcome incident(Throwable cause, LockedTask task) {
        return incident(cause.getMessage(), "", task);
    }

    private static Outcome incident(String message, String details, LockedTask task) {
        return new Outcome.Failure(named(message, task), details, 0, Duration.ZERO);
    }

    private static String named(String message, LockedTask task) {
        return message.startsWith(task.topicName() + ":") ? message : task.topicName() + ": " + message;
    }
}
