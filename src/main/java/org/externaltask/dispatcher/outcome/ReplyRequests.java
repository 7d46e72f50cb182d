package org.externaltask.dispatcher.outcome;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.engine.EngineVariables;
import org.externaltask.dispatcher.engine.KameletParameters;
import org.externaltask.dispatcher.engine.TypedVariables;
import org.externaltask.dispatcher.fetch.LockedTask;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes the request that a reply asks for ({@code POST /external-task/{id}/complete}, {@code bpmnError}, {@code failure} or
 * {@code extendLock}, {@code PUT /external-task/{id}/retries} of the engine's REST reference) of the body and of what the kamelets
 * {@code complete-task}, {@code raise-bpmn-error}, {@code fail-task}, {@code extend-lock}, {@code unlock-task} and
 * {@code set-retries} have put into exchange properties.
 */
@Configuration(proxyBeanMethods = false)
class ReplyRequests {

    private static final String COMPLETE = "complete";
    private static final String BPMN_ERROR = "bpmnError";
    private static final String EXTEND_LOCK = "extendLock";

    /** The engine's own unlock does not look at the worker id and would free the lock of another one; a lock of a moment does. */
    private static final String UNLOCK = "unlock";

    private final EngineVariables variables;

    ReplyRequests(EngineVariables variables) {
        this.variables = variables;
    }

    /** Says in exchange variables which task the reply is about, as the calls to the engine need it. */
    @Bean
    Processor repliedTask() {
        return exchange -> {
            KameletParameters parameters = parameters(exchange);
            String taskId = id(parameters, "etdTaskId", "taskId");
            String workerId = id(parameters, "etdWorkerId", "workerId");
            String reply = parameters.text("etdReply");
            if (TaskInWork.of(exchange).isPresent()) {
                requireOther(TaskInWork.of(exchange).get().task(), parameters, taskId, reply);
            }
            exchange.setVariable("taskId", taskId);
            exchange.setVariable("workerId", workerId);
            exchange.setVariable("reply", reply.equals(UNLOCK) ? EXTEND_LOCK : reply);
        };
    }

    /** Makes the request that sets the retries of a task, whoever holds its lock. */
    @Bean
    Processor retriesRequest() {
        return exchange -> {
            KameletParameters parameters = parameters(exchange);
            if (TaskInWork.of(exchange).isPresent()) {
                throw new UnusableReply(
                        "set-retries stands in the route of a topic; it is for routes that receive a message");
            }
            exchange.setVariable("taskId", id(parameters, "etdTaskId", "taskId"));
            String retries = parameters.text("etdRetries");
            if (retries == null || !retries.matches("\\d{1,3}")) {
                throw new UnusableReply("retries of set-retries is not a whole number from 0 to 999");
            }
            exchange.getMessage()
                    .setBody(JsonNodeFactory.instance.objectNode().put("retries", Integer.parseInt(retries)));
        };
    }

    private static void requireOther(LockedTask own, KameletParameters parameters, String taskId, String reply) {
        boolean isOwn = own.id().equals(taskId) && own.engine().equals(parameters.text("etdEngine"));
        if (isOwn || !reply.equals(COMPLETE)) {
            throw new UnusableReply(
                    "it stands in the route of a topic, which ends its task by ending; fail-task is for routes"
                            + " that receive a reply, and complete-task here for the task of another process");
        }
    }

    /** Makes the body of the request; for a failure of the task as the engine has it, otherwise of the reply. */
    @Bean
    Processor taskReply() {
        return exchange -> exchange.getMessage().setBody(request(exchange));
    }

    private ObjectNode request(Exchange exchange) {
        KameletParameters parameters = parameters(exchange);
        String workerId = exchange.getVariable("workerId", String.class);
        String reply = exchange.getVariable("reply", String.class);
        if (reply.equals(COMPLETE)) {
            return completion(parameters, workerId);
        }
        if (reply.equals(BPMN_ERROR)) {
            return new Outcome.BpmnError(
                            parameters.text("etdBpmnErrorCode"),
                            Optional.ofNullable(parameters.text("etdBpmnErrorMessage"))
                                    .orElse(""),
                            codec(parameters).encode(parameters.body()))
                    .request(workerId);
        }
        if (reply.equals(EXTEND_LOCK)) {
            long millis = parameters.text("etdReply").equals(UNLOCK)
                    ? 1
                    : duration(parameters, "etdLockDuration", "lockDuration of extend-lock")
                            .toMillis();
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("workerId", workerId)
                    .put("newDuration", millis);
        }
        return failure(parameters, parameters.body()).request(workerId);
    }

    private ObjectNode completion(KameletParameters parameters, String workerId) {
        List<String> local = parameters.names("etdLocalVariables");
        List<String> process = parameters.names("etdVariables");
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("workerId", workerId);
        if (!local.isEmpty()) {
            request.set("localVariables", codec(parameters).encode(parameters.fields(local)));
        }
        if (!process.isEmpty() || local.isEmpty()) {
            request.set(
                    "variables",
                    codec(parameters).encode(process.isEmpty() ? parameters.body() : parameters.fields(process)));
        }
        return request;
    }

    private static Outcome.Failure failure(KameletParameters parameters, JsonNode task) {
        JsonNode retries = task == null ? null : task.get("retries");
        RetryPolicy policy = new RetryPolicy(
                tries(parameters), List.of(duration(parameters, "etdRetryTimeout", "retryTimeout of fail-task")));
        int left = policy.retriesLeft(retries == null || retries.isNull() ? null : retries.asInt());
        return new Outcome.Failure(
                Optional.ofNullable(parameters.text("etdErrorMessage"))
                        .orElse("the reply says that the task has failed"),
                Optional.ofNullable(parameters.text("etdErrorDetails")).orElse(""),
                left,
                policy.retryTimeout(left, Optional.empty()));
    }

    private static int tries(KameletParameters parameters) {
        String tries = parameters.text("etdRetries");
        if (tries == null || !tries.matches("[1-9]\\d{0,2}")) {
            throw new UnusableReply("retries of fail-task is not a whole number from 1 to 999");
        }
        return Integer.parseInt(tries);
    }

    private static Duration duration(KameletParameters parameters, String property, String name) {
        try {
            return DurationStyle.detectAndParse(parameters.text(property));
        } catch (IllegalArgumentException e) {
            throw new UnusableReply(name + " is not a duration such as 30s or 5m");
        }
    }

    private TypedVariables codec(KameletParameters parameters) {
        return variables.of(parameters.text("etdEngine"));
    }

    private static KameletParameters parameters(Exchange exchange) {
        return new KameletParameters(exchange, UnusableReply::new);
    }

    private static String id(KameletParameters parameters, String property, String name) {
        return parameters.id(
                property,
                name,
                "send back the headers etd-task-id and etd-worker-id of the request, or give the kamelet's parameter "
                        + name);
    }
}
