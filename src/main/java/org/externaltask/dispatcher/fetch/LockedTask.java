package org.externaltask.dispatcher.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.externaltask.dispatcher.externaltask.Subscription;

/**
 * An external task that the engine has locked for this process.
 *
 * @param engine name of the engine that it came from
 * @param id the engine's id of the task; everything that leaves ETD for it carries this id, so that receivers can drop repeats
 * @param topicName its topic
 * @param workerId whom it is locked for
 * @param retries how many tries are left, or null before the first failure
 * @param extensionProperties extension properties of its activity in the BPMN model
 * @param variables typed variables as the engine sent them; null when they were too large to be read
 * @param subscription what the topic's route asked for; null when no route asked for this task
 * @param leaseEndNanos when, on {@link System#nanoTime()}, the lock may be over
 */
public record LockedTask(
        String engine,
        String id,
        String topicName,
        String workerId,
        String businessKey,
        String processInstanceId,
        String executionId,
        String processDefinitionKey,
        String activityId,
        Integer retries,
        String tenantId,
        Map<String, String> extensionProperties,
        JsonNode variables,
        Subscription subscription,
        long leaseEndNanos) {

    LockedTask withoutVariables() {
        return new LockedTask(
                engine,
                id,
                topicName,
                workerId,
                businessKey,
                processInstanceId,
                executionId,
                processDefinitionKey,
                activityId,
                retries,
                tenantId,
                extensionProperties,
                null,
                subscription,
                leaseEndNanos);
    }

    /** Whether a topic's route asked for it; any other task is given back. */
    boolean isAskedFor() {
        return subscription != null;
    }
}
