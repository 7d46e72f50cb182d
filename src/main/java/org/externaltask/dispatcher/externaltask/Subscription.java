package org.externaltask.dispatcher.externaltask;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.externaltask.dispatcher.circuit.CircuitUser;
import org.externaltask.dispatcher.engine.VariableType;

/**
 * What a topic's route asks of its engine and promises to it: the options of {@code external-task:<topic>}.
 *
 * @param engine name of the configured engine
 * @param topic topic of the external tasks
 * @param variables process variables that the route reads; empty means all of them
 * @param outputs variables that the route may write; empty means that it may write any
 * @param outputTypes the engine types that outputs must have; the type of any other follows from its value
 * @param transientOutputs those of the variables that the engine does not store
 * @param lockDuration how long a task is locked for this process; extended while the route works
 * @param maxConcurrent the most tasks of this topic in work at once
 * @param retries how often a task may be tried in all when it fails for technical reasons
 * @param retryBackoff the wait after the first failure, the second, and so on; the last one repeats
 * @param bpmnErrors gateway status to BPMN error code
 * @param autoComplete whether the task is completed when the route has ended; if not, a reply completes it
 * @param replyTimeout what becomes of a task whose reply does not come, or null when the end of its lock decides
 * @param outputScope where the variables are written
 * @param filter which tasks of the topic are asked for
 * @param source the file that the route came from
 */
public record Subscription(
        String engine,
        String topic,
        List<String> variables,
        Set<String> outputs,
        Map<String, VariableType> outputTypes,
        Set<String> transientOutputs,
        Duration lockDuration,
        int maxConcurrent,
        int retries,
        List<Duration> retryBackoff,
        Map<Integer, String> bpmnErrors,
        boolean autoComplete,
        ReplyTimeout replyTimeout,
        OutputScope outputScope,
        Filter filter,
        String source)
        implements Subscribed, CircuitUser {

    /**
     * How long a reply may take, counted from the end of the route.
     *
     * @param after the time after which the task fails
     * @param bpmnError the BPMN error that it then ends with, or null for a failure that costs a retry
     */
    public record ReplyTimeout(Duration after, String bpmnError) {}

    /** Where a topic's variables are written. */
    public enum OutputScope {
        PROCESS,
        LOCAL
    }

    /**
     * Which tasks of a topic are asked for; the words are those of the engine's fetch API.
     *
     * @param processDefinitionKeys only tasks of these process definitions; empty means any
     * @param processDefinitionIds only tasks of these very versions; empty means any
     * @param processDefinitionVersionTag only tasks of versions with this tag, or null
     * @param tenantIds only tasks of these tenants; empty means any
     * @param withoutTenantId only tasks that belong to no tenant
     * @param businessKey only tasks of instances with this business key, or null
     * @param processVariables only tasks of instances whose variables have these values
     * @param localVariables whether only variables of the task's own scope are fetched
     */
    public record Filter(
            List<String> processDefinitionKeys,
            List<String> processDefinitionIds,
            String processDefinitionVersionTag,
            List<String> tenantIds,
            boolean withoutTenantId,
            String businessKey,
            Map<String, JsonNode> processVariables,
            boolean localVariables) {}

    /** A topic of an engine. */
    public record Key(String engine, String topic) implements SubscriptionKey {

        @Override
        public String kind() {
            return "topic";
        }

        @Override
        public String name() {
            return topic;
        }

        @Override
        public String uri() {
            return "external-task:" + topic;
        }
    }

    @Override
    public Key key() {
        return new Key(engine, topic);
    }
}
