package org.externaltask.dispatcher.usertask;

import java.time.Duration;
import java.util.List;
import org.externaltask.dispatcher.circuit.CircuitUser;
import org.externaltask.dispatcher.externaltask.Subscribed;
import org.externaltask.dispatcher.externaltask.SubscriptionKey;

/**
 * What a route asks of its engine with {@code user-task:<taskDefinitionKey>}.
 *
 * @param key engine, user task and event
 * @param variables process variables that the route reads; empty means all of them
 * @param pollInterval how long to wait before the engine is asked again
 * @param maxConcurrent the most tasks in work at once
 * @param retries how often a task may be tried in all when it fails for technical reasons
 * @param retryBackoff the wait after the first failure, the second, and so on; the last one repeats
 * @param lookBack how old, when the dispatcher starts, an end may be that is still told
 * @param filter which of the user tasks are asked for
 * @param source the file that the route came from
 */
record UserTaskSubscription(
        Key key,
        List<String> variables,
        Duration pollInterval,
        int maxConcurrent,
        int retries,
        List<Duration> retryBackoff,
        Duration lookBack,
        Filter filter,
        String source)
        implements Subscribed, CircuitUser {

    /** What has happened to a user task. */
    enum Event {
        /** It waits for somebody. */
        CREATED,
        /** It was handed out, and the process does not wait for it any more. */
        WITHDRAWN
    }

    /** One event of a user task of an engine. */
    record Key(String engine, String taskDefinitionKey, Event event) implements SubscriptionKey {

        @Override
        public String kind() {
            return "event of user tasks";
        }

        @Override
        public String name() {
            return taskDefinitionKey + (event == Event.WITHDRAWN ? " withdrawn" : " created");
        }

        @Override
        public String uri() {
            return "user-task:" + taskDefinitionKey + (event == Event.WITHDRAWN ? "?event=withdrawn" : "");
        }
    }

    /**
     * Which user tasks are asked for; the words are those of the engine's task query.
     *
     * @param processDefinitionKeys only those of these process definitions; empty means any
     * @param candidateGroups only those that one of these groups may claim; empty means any
     * @param tenantIds only those of these tenants; empty means any
     * @param withoutTenantId only those that belong to no tenant
     */
    record Filter(
            List<String> processDefinitionKeys,
            List<String> candidateGroups,
            List<String> tenantIds,
            boolean withoutTenantId) {}

    boolean isWithdrawal() {
        return key.event() == Event.WITHDRAWN;
    }

    @Override
    public String topic() {
        return key.taskDefinitionKey();
    }
}
