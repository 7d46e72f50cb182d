package org.externaltask.dispatcher.usertask;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.engine.EngineVariables;
import org.externaltask.dispatcher.engine.KameletParameters;
import org.externaltask.dispatcher.engine.WorkerIds;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes the requests by which the engine learns what people did with a user task ({@code POST /task/{id}/claim}, {@code complete},
 * {@code bpmnError} and {@code bpmnEscalation} of its REST reference), of the body and of what the kamelets {@code claim-user-task},
 * {@code complete-user-task}, {@code raise-user-task-error} and {@code escalate-user-task} have put into exchange properties.
 */
@Configuration(proxyBeanMethods = false)
class UserTaskReplies {

    private static final Logger LOG = LoggerFactory.getLogger(UserTaskReplies.class);

    private static final String MESSAGE = "etdUserTaskReplyBody";

    /** After these the task application knows that the task is over; an escalation may leave it open. */
    private static final Set<String> ENDS = Set.of("complete", "bpmnError");

    private final EngineVariables variables;
    private final WorkerIds workerIds;
    private final UserTaskMetrics metrics;

    UserTaskReplies(EngineVariables variables, WorkerIds workerIds, UserTaskMetrics metrics) {
        this.variables = variables;
        this.workerIds = workerIds;
        this.metrics = metrics;
    }

    /** Says in exchange variables which task the message is about and what is to be done with it. */
    @Bean
    Processor repliedUserTask() {
        return exchange -> {
            KameletParameters parameters = parameters(exchange);
            String reply = parameters.text("etdReply");
            exchange.setVariable(
                    "taskId",
                    parameters.id(
                            "etdTaskId",
                            "taskId",
                            "send back the id of the user task, or give the kamelet's parameter taskId"));
            exchange.setVariable("reply", reply);
            exchange.setProperty("etdUserTaskEnds", ENDS.contains(reply));
            exchange.setProperty(MESSAGE, parameters.body());
        };
    }

    /** Before the end, so that the task application is not told of an end that is its own doing. */
    @Bean
    Processor userTaskAnswered() {
        return exchange ->
                exchange.getMessage().setBody(Mark.request(Mark.State.ANSWERED, workerIds.of(engine(exchange))));
    }

    @Bean
    Processor userTaskReply() {
        return exchange -> {
            exchange.getMessage().setBody(exchange.getProperty(MESSAGE));
            exchange.getMessage().setBody(request(exchange));
        };
    }

    private ObjectNode request(Exchange exchange) {
        KameletParameters parameters = parameters(exchange);
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        switch (exchange.getVariable("reply", String.class)) {
            case "claim" -> {
                String userId = parameters.text("etdUserId");
                if (userId == null) {
                    throw new UnusableUserTaskReply("it names nobody; give the kamelet's parameter userId a value");
                }
                return request.put("userId", userId);
            }
            case "bpmnError" -> {
                request.put("errorCode", parameters.text("etdBpmnErrorCode"));
                String message = parameters.text("etdBpmnErrorMessage");
                if (message != null) {
                    request.put("errorMessage", message); // an empty one is refused
                }
            }
            case "bpmnEscalation" -> request.put("escalationCode", parameters.text("etdEscalationCode"));
            default -> request.put("withVariablesInReturn", false);
        }
        var names = parameters.names("etdVariables");
        request.set(
                "variables",
                variables.of(engine(exchange)).encode(names.isEmpty() ? parameters.body() : parameters.fields(names)));
        return request;
    }

    @Bean
    Processor userTaskReplyTaken() {
        return exchange -> {
            metrics.countReply(engine(exchange), outcome(exchange));
            exchange.getMessage().setBody(null);
        };
    }

    /** A late or repeated message is no error: the task has ended, or somebody else has claimed it. */
    @Bean
    Processor userTaskReplyRefusal() {
        return exchange -> {
            HttpCallFailed failed = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, HttpCallFailed.class);
            EngineAnswer answer = EngineAnswer.ofUserTask(failed);
            if (answer == EngineAnswer.BAD_REQUEST) {
                throw new UnusableUserTaskReply("the engine answered " + failed.status() + ": "
                        + failed.json()
                                .map(body -> body.path("message").asText(""))
                                .orElse(""));
            }
            if (answer != EngineAnswer.GONE && answer != EngineAnswer.CLAIMED_BY_ANOTHER) {
                throw failed;
            }
            LOG.warn(
                    "a message ({}) about user task {} came too late or twice and is ignored: {}",
                    outcome(exchange),
                    exchange.getVariable("taskId"),
                    answer == EngineAnswer.GONE
                            ? "the task is gone (completed or cancelled)"
                            : "somebody else has claimed it");
            metrics.countReply(engine(exchange), answer == EngineAnswer.GONE ? "late" : "claimedByAnother");
            exchange.getMessage().setBody(null);
        };
    }

    private static String outcome(Exchange exchange) {
        return switch (exchange.getVariable("reply", String.class)) {
            case "claim" -> "claimed";
            case "complete" -> "completed";
            case "bpmnError" -> "bpmnError";
            default -> "escalated";
        };
    }

    private static String engine(Exchange exchange) {
        return exchange.getProperty("etdEngine", String.class);
    }

    private static KameletParameters parameters(Exchange exchange) {
        return new KameletParameters(exchange, UnusableUserTaskReply::new);
    }
}
