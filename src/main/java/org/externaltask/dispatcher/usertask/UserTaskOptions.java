package org.externaltask.dispatcher.usertask;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.externaltask.dispatcher.externaltask.EndpointOptions;
import org.externaltask.dispatcher.usertask.UserTaskSubscription.Event;
import org.externaltask.dispatcher.usertask.UserTaskSubscription.Filter;
import org.externaltask.dispatcher.usertask.UserTaskSubscription.Key;

/** Reads the options of one {@code user-task:} endpoint, as a route author wrote them. */
final class UserTaskOptions extends EndpointOptions {

    private static final Set<String> OPTIONS = new TreeSet<>(Set.of(
            "engine",
            "event",
            "variables",
            "pollInterval",
            "maxConcurrent",
            "retries",
            "retryBackoff",
            "lookBack",
            "processDefinitionKeys",
            "candidateGroups",
            "tenantIds",
            "withoutTenantId"));

    UserTaskOptions(String taskDefinitionKey, Map<String, String> options) {
        super("user-task:" + taskDefinitionKey, OPTIONS, options);
    }

    Event event() {
        return switch (text("event", "created")) {
            case "created" -> Event.CREATED;
            case "withdrawn" -> Event.WITHDRAWN;
            default -> throw wrong("option event is '" + text("event") + "'; allowed are created, withdrawn");
        };
    }

    UserTaskSubscription subscription(Key key, String source) {
        boolean withdrawal = key.event() == Event.WITHDRAWN;
        if (withdrawal) {
            refuse("variables", "the variables of a task are gone with it; leave it out, the route has the task's id");
            refuse("candidateGroups", "whatever was handed out is withdrawn; leave it out");
        } else {
            refuse("lookBack", "it belongs to event=withdrawn; a task that waits is found however old it is");
        }
        return new UserTaskSubscription(
                key,
                withdrawal ? List.of() : variables(),
                positive("pollInterval", "1s"),
                number("maxConcurrent", 16, 1, 10_000),
                number("retries", 3, 1, 1_000),
                retryBackoff(),
                positive("lookBack", "1d"),
                new Filter(
                        list("processDefinitionKeys"),
                        list("candidateGroups"),
                        tenantIds(),
                        bool("withoutTenantId", false)),
                source);
    }

    private void refuse(String option, String reason) {
        if (has(option)) {
            throw wrong("option " + option + " has no effect here: " + reason);
        }
    }

    private Duration positive(String name, String byDefault) {
        Duration duration = duration(name, text(name, byDefault));
        if (duration.isZero()) {
            throw wrong("option " + name + " is '" + text(name) + "'; expected more than 0s");
        }
        return duration;
    }
}
