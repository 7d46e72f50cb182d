package org.externaltask.dispatcher.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.configuration.EtdProperties.SortOrder;
import org.externaltask.dispatcher.externaltask.Subscription;

/**
 * One request for tasks, and the permits that are kept free for what it may bring.
 *
 * @param engine name of the engine that is asked
 * @param lane which of the engine's two requests it is
 * @param workerId whom the engine is to lock the tasks for
 * @param topics the topics that are asked for, by name
 * @param maxTasks the most tasks that may come back; each topic has that many permits free
 * @param asyncResponseTimeout how long the engine may hold the request open
 * @param usePriority whether tasks with a higher priority come first
 * @param orderByCreateTime whether the oldest or the newest tasks come first, or null for no order
 * @param startedNanos {@link System#nanoTime()} from before the request, because the engine's locks may begin then
 */
public record FetchRequest(
        String engine,
        FetchLane lane,
        String workerId,
        Map<String, Subscription> topics,
        int maxTasks,
        Duration asyncResponseTimeout,
        boolean usePriority,
        SortOrder orderByCreateTime,
        long startedNanos) {

    static Map<String, Subscription> byName(List<Subscription> subscriptions) {
        return subscriptions.stream().collect(Collectors.toUnmodifiableMap(Subscription::topic, Function.identity()));
    }

    /** The request as {@code POST /external-task/fetchAndLock} of the engine's REST reference wants it. */
    public JsonNode body() {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("workerId", workerId)
                .put("maxTasks", maxTasks)
                .put("usePriority", usePriority)
                .put("asyncResponseTimeout", asyncResponseTimeout.toMillis());
        if (orderByCreateTime != null) {
            body.putArray("sorting")
                    .addObject()
                    .put("sortBy", "createTime")
                    .put("sortOrder", orderByCreateTime.name().toLowerCase(Locale.ROOT));
        }
        ArrayNode entries = body.putArray("topics");
        topics.values().forEach(subscription -> entries.add(topic(subscription)));
        return body;
    }

    private static ObjectNode topic(Subscription subscription) {
        Subscription.Filter filter = subscription.filter();
        ObjectNode topic = JsonNodeFactory.instance
                .objectNode()
                .put("topicName", subscription.topic())
                .put("lockDuration", subscription.lockDuration().toMillis())
                .put("deserializeValues", false) // a serialized Java object stays what it is: opaque
                .put("includeExtensionProperties", true)
                .put("localVariables", filter.localVariables());
        if (!subscription.variables().isEmpty()) {
            subscription.variables().forEach(topic.putArray("variables")::add);
        }
        if (!filter.processDefinitionKeys().isEmpty()) {
            filter.processDefinitionKeys().forEach(topic.putArray("processDefinitionKeyIn")::add);
        }
        if (!filter.processDefinitionIds().isEmpty()) {
            filter.processDefinitionIds().forEach(topic.putArray("processDefinitionIdIn")::add);
        }
        if (filter.processDefinitionVersionTag() != null) {
            topic.put("processDefinitionVersionTag", filter.processDefinitionVersionTag());
        }
        if (!filter.tenantIds().isEmpty()) {
            filter.tenantIds().forEach(topic.putArray("tenantIdIn")::add);
        }
        if (filter.withoutTenantId()) {
            topic.put("withoutTenantId", true);
        }
        if (filter.businessKey() != null) {
            topic.put("businessKey", filter.businessKey());
        }
        if (!filter.processVariables().isEmpty()) {
            filter.processVariables().forEach(topic.putObject("processVariables")::set);
        }
        return topic;
    }
}
