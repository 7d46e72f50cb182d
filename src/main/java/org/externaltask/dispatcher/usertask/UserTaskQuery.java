package org.externaltask.dispatcher.usertask;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.OffsetDateTime;
import java.util.List;
import org.externaltask.dispatcher.engine.EngineDate;

/**
 * One request for a page of user tasks, oldest first.
 *
 * @param subscription what a route asks for
 * @param from only tasks that were made, or have ended, at this time or later; null means all
 * @param firstResult how many of them are left out, because they are known
 * @param sweep whether it belongs to a look at everything, rather than at what is new
 * @param startedNanos {@link System#nanoTime()} from before the request
 */
public record UserTaskQuery(
        UserTaskSubscription subscription, OffsetDateTime from, int firstResult, boolean sweep, long startedNanos) {

    /** So many that a poll of thousands takes few requests, and so few that an answer is small. */
    static final int PAGE = 100;

    /** Whether it is about tasks that wait, rather than about those that have ended. */
    public boolean isOpen() {
        return !subscription.isWithdrawal();
    }

    public int getMaxResults() {
        return PAGE;
    }

    /** Of the tasks of a page, and of those that are looked at again beside it. */
    public int getMaxMarks() {
        return 4 * PAGE;
    }

    /** The request as {@code POST /task} or {@code POST /history/task} of the engine's REST reference wants it. */
    public JsonNode body() {
        UserTaskSubscription.Filter filter = subscription.filter();
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("taskDefinitionKey", subscription.key().taskDefinitionKey());
        put(body, "tenantIdIn", filter.tenantIds());
        if (filter.withoutTenantId()) {
            body.put("withoutTenantId", true);
        }
        if (isOpen()) {
            put(body, "processDefinitionKeyIn", filter.processDefinitionKeys());
            put(body, "candidateGroups", filter.candidateGroups());
            if (!filter.candidateGroups().isEmpty()) {
                body.put("includeAssignedTasks", true); // one that was claimed elsewhere is still to be done
            }
        } else {
            body.put("finished", true);
        }
        if (from != null) {
            // The engine's own words mean "later than" or "not earlier than"; a millisecond makes both the latter.
            body.put(isOpen() ? "createdAfter" : "finishedAfter", EngineDate.of(from.minusNanos(1_000_000)));
        }
        ArrayNode sorting = body.putArray("sorting");
        sorting.addObject().put("sortBy", isOpen() ? "created" : "endTime").put("sortOrder", "asc");
        sorting.addObject().put("sortBy", isOpen() ? "id" : "taskId").put("sortOrder", "asc");
        return body;
    }

    private static void put(ObjectNode body, String field, List<String> values) {
        if (!values.isEmpty()) {
            values.forEach(body.putArray(field)::add);
        }
    }
}
