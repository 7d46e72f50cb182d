package org.externaltask.dispatcher.fetch;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.externaltask.dispatcher.engine.TaskIds;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.json.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what the engine answered to a fetch. Nothing of it is trusted before its shape is checked. */
final class FetchAnswer {

    private static final Logger LOG = LoggerFactory.getLogger(FetchAnswer.class);

    private FetchAnswer() {}

    static List<LockedTask> read(JsonNode answer, FetchRequest request) {
        if (answer == null || !answer.isArray()) {
            throw new MalformedFetchException(request.engine(), "a list of tasks", what(answer));
        }
        List<LockedTask> tasks = new ArrayList<>(answer.size());
        Set<String> seen = new HashSet<>();
        for (JsonNode task : answer) {
            if (tasks.size() == request.maxTasks()) {
                LOG.warn(
                        "engine {} sent {} tasks where {} were asked for; the others are ignored and their locks will expire",
                        request.engine(),
                        answer.size(),
                        request.maxTasks());
                break;
            }
            String id = text(task, "id");
            if (!TaskIds.isUsable(id)) {
                LOG.warn(
                        "engine {} sent a task without a usable id; it is ignored and its lock will expire",
                        request.engine());
            } else if (seen.add(id)) {
                tasks.add(task(id, task, request));
            }
        }
        return tasks;
    }

    /**
     * The tasks in the beginning of an answer that was cut off: without their variables, except that the variables of a task that was
     * cut off itself, and so may be too large, are missing.
     */
    static List<LockedTask> beginning(byte[] cut, FetchRequest request) {
        List<LockedTask> tasks = new ArrayList<>();
        ObjectNode task = null;
        try (JsonParser json = Json.MAPPER.createParser(cut)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                return List.of();
            }
            while (json.nextToken() == JsonToken.START_OBJECT) {
                task = JsonNodeFactory.instance.objectNode();
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String field = json.currentName();
                    if (json.nextToken().isStructStart()) {
                        json.skipChildren();
                    } else {
                        task.put(field, json.getValueAsString());
                    }
                }
                tasks.addAll(read(JsonNodeFactory.instance.arrayNode().add(task), request));
                task = null;
            }
        } catch (IOException e) {
            LOG.debug("The beginning of an answer of engine {} ends within a task", request.engine(), e);
        }
        if (task != null) {
            read(JsonNodeFactory.instance.arrayNode().add(task), request).stream()
                    .map(LockedTask::withoutVariables)
                    .forEach(tasks::add);
        }
        return tasks;
    }

    private static String what(JsonNode answer) {
        return answer == null || answer.isNull() || answer.isMissingNode()
                ? "nothing"
                : "a JSON " + answer.getNodeType().name().toLowerCase(Locale.ROOT);
    }

    private static LockedTask task(String id, JsonNode task, FetchRequest request) {
        String topicName = text(task, "topicName");
        String workerId = text(task, "workerId");
        boolean ours = workerId == null || workerId.equals(request.workerId());
        Subscription subscription =
                topicName == null || !ours ? null : request.topics().get(topicName);
        return new LockedTask(
                request.engine(),
                id,
                topicName,
                request.workerId(),
                text(task, "businessKey"),
                text(task, "processInstanceId"),
                text(task, "executionId"),
                text(task, "processDefinitionKey"),
                text(task, "activityId"),
                retries(task.get("retries")),
                text(task, "tenantId"),
                extensionProperties(task.get("extensionProperties")),
                task.path("variables").isObject() ? task.get("variables") : JsonNodeFactory.instance.objectNode(),
                subscription,
                request.startedNanos()
                        + (ours ? lockDuration(subscription, request).toNanos() : 0));
    }

    private static Duration lockDuration(Subscription subscription, FetchRequest request) {
        return subscription != null
                ? subscription.lockDuration()
                : request.topics().values().stream()
                        .map(Subscription::lockDuration)
                        .min(Duration::compareTo)
                        .orElse(Duration.ZERO);
    }

    private static String text(JsonNode task, String field) {
        JsonNode value = task.get(field);
        return value == null || value.isNull() ? null : value.asText();
    }

    private static Integer retries(JsonNode retries) {
        return retries != null && retries.canConvertToInt() && retries.isIntegralNumber() ? retries.intValue() : null;
    }

    private static Map<String, String> extensionProperties(JsonNode properties) {
        if (properties == null || !properties.isObject()) {
            return Map.of();
        }
        Map<String, String> texts = new LinkedHashMap<>();
        properties
                .properties()
                .forEach(property ->
                        texts.put(property.getKey(), property.getValue().asText()));
        return texts;
    }
}
