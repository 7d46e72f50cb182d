package org.externaltask.dispatcher.usertask;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.engine.EngineDate;
import org.externaltask.dispatcher.engine.TaskIds;

/**
 * A user task of an engine, as its task query or its history lists it.
 *
 * @param id the engine's id of the task; everything that leaves ETD for it carries this id, so that receivers can drop repeats
 * @param subscription what the route asked for
 * @param created when it was made, in ISO 8601
 * @param due when it is due, or null
 */
record UserTask(
        String id,
        UserTaskSubscription subscription,
        String name,
        String description,
        String assignee,
        String created,
        String due,
        Integer priority,
        String processInstanceId,
        String processDefinitionKey,
        String executionId,
        String tenantId) {

    private static final String PROPERTY = "etdUserTask";

    /** Empty when it has no usable id. */
    static Optional<UserTask> of(JsonNode json, UserTaskSubscription subscription) {
        String id = text(json, "id");
        return TaskIds.isUsable(id)
                ? Optional.of(new UserTask(
                        id,
                        subscription,
                        text(json, "name"),
                        text(json, "description"),
                        text(json, "assignee"),
                        date(json, subscription.isWithdrawal() ? "startTime" : "created"),
                        date(json, "due"),
                        json.path("priority").canConvertToInt()
                                ? json.path("priority").asInt()
                                : null,
                        text(json, "processInstanceId"),
                        processDefinitionKey(json),
                        text(json, "executionId"),
                        text(json, "tenantId")))
                : Optional.empty();
    }

    /** The same task for another event. */
    UserTask of(UserTaskSubscription other) {
        return new UserTask(
                id,
                other,
                name,
                description,
                assignee,
                created,
                due,
                priority,
                processInstanceId,
                processDefinitionKey,
                executionId,
                tenantId);
    }

    /** The user task of an exchange; empty in a route that none runs through, such as one that receives messages. */
    static Optional<UserTask> of(Exchange exchange) {
        return Optional.ofNullable(exchange.getProperty(PROPERTY, UserTask.class));
    }

    void attachTo(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /**
     * Says in exchange variables which task a call to the engine is about. A route may have set variables of these names to
     * something else; whom the engine is told about is not its choice.
     */
    void nameTask(Exchange exchange) {
        exchange.setVariable("engine", subscription.key().engine());
        exchange.setVariable("taskId", id);
        exchange.setVariable("taskDefinitionKey", subscription.key().taskDefinitionKey());
        exchange.setVariable("executionId", executionId);
    }

    /** Only the history says it; an id is made of key, version and number, unless that would be too long. */
    private static String processDefinitionKey(JsonNode json) {
        String key = text(json, "processDefinitionKey");
        String id = text(json, "processDefinitionId");
        return key != null || id == null || !id.contains(":") ? key : id.substring(0, id.indexOf(':'));
    }

    private static String date(JsonNode json, String field) {
        return Optional.ofNullable(text(json, field)).flatMap(EngineDate::toIso).orElse(null);
    }

    private static String text(JsonNode json, String field) {
        JsonNode value = json.get(field);
        return value == null || value.isNull() ? null : value.asText();
    }
}
