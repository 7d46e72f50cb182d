package org.externaltask.dispatcher.operations.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.externaltask.dispatcher.externaltask.Subscription.Filter;

/**
 * Knows which tasks the route of a topic asks for. The topic may be shared with others, and the engine's query for tasks has few of the
 * conditions that its fetch has.
 */
final class AskedFor {

    private final Filter filter;

    AskedFor(Filter filter) {
        this.filter = filter;
    }

    /** Whether all tasks of the topic are asked for. */
    boolean everything() {
        return filter.processDefinitionKeys().isEmpty()
                && filter.processDefinitionIds().isEmpty()
                && filter.processDefinitionVersionTag() == null
                && filter.tenantIds().isEmpty()
                && !filter.withoutTenantId()
                && filter.businessKey() == null
                && !byVariables();
    }

    /** How many tasks of the topic have to be looked at to list so many of those asked for. */
    int lookAtFor(int listed) {
        return everything() ? listed : TaskSearch.LOOKED_AT_MOST;
    }

    /** Whether a task is asked for, as far as the task itself tells. */
    boolean includes(JsonNode task) {
        String tenant = text(task, "tenantId");
        return isAmong(filter.processDefinitionKeys(), text(task, "processDefinitionKey"))
                && isAmong(filter.processDefinitionIds(), text(task, "processDefinitionId"))
                && isIfWanted(filter.processDefinitionVersionTag(), text(task, "processDefinitionVersionTag"))
                && isIfWanted(filter.businessKey(), text(task, "businessKey"))
                && isAmong(filter.tenantIds(), tenant)
                && !(filter.withoutTenantId() && !tenant.isEmpty());
    }

    /** Whether that takes the variables of its instance, too, which a task does not tell. */
    boolean byVariables() {
        return !filter.processVariables().isEmpty();
    }

    /** The query for those instances of some tasks that have the variables. */
    ObjectNode instancesOf(List<JsonNode> tasks) {
        ObjectNode query = JsonNodeFactory.instance.objectNode();
        ArrayNode ids = query.putArray("processInstanceIds");
        tasks.stream().map(task -> text(task, "processInstanceId")).distinct().forEach(ids::add);
        ArrayNode variables = query.putArray("variables");
        filter.processVariables().forEach((name, value) -> variables
                .addObject()
                .put("name", name)
                .put("operator", "eq")
                .set("value", value));
        return query;
    }

    private static String text(JsonNode task, String field) {
        return task.path(field).asText("");
    }

    private static boolean isAmong(List<String> wanted, String one) {
        return wanted.isEmpty() || wanted.contains(one);
    }

    private static boolean isIfWanted(String wanted, String one) {
        return wanted == null || wanted.equals(one);
    }
}
