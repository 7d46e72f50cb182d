package org.externaltask.dispatcher.soak;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known after a soak, from all sides.
 *
 * @param orders order numbers whose instances were started
 * @param instances what the engine has of them
 * @param tasks external tasks that the engine ever made
 * @param openTasks those that it still has
 * @param incidents the open ones
 * @param gatewayCalls Idempotency-Key to number of calls
 * @param placed {@code message_id} of what the vendor received to how often
 * @param sent {@code message_id} of what the vendor sent to how many copies
 * @param parked messages in the parking queue
 * @param left queue to number of messages in it, for all queues but the parking queue
 * @param complaints what went wrong with the dispatcher processes themselves
 */
record Evidence(
        Set<String> orders,
        List<Instance> instances,
        List<Task> tasks,
        List<OpenTask> openTasks,
        List<Incident> incidents,
        Map<String, Integer> gatewayCalls,
        Map<String, Integer> placed,
        Map<String, Integer> sent,
        List<Parked> parked,
        Map<String, Integer> left,
        List<String> complaints) {

    /**
     * @param passed activity to how often it was finished
     * @param writes variable to how often it was written
     * @param acceptance the {@code message_id} of the message that was correlated, null if none was
     */
    record Instance(
            String id,
            String orderNumber,
            boolean ended,
            Map<String, Integer> passed,
            Map<String, Integer> writes,
            String acceptance) {}

    /** @param completions how often it was completed, by the engine's log */
    record Task(String id, String topic, String instance, int completions) {

        boolean isForTheGateway() {
            return topic.startsWith("svc_");
        }
    }

    /**
     * @param locked whether the lock lives
     * @param worker who has or had it
     */
    record OpenTask(String id, String topic, String instance, String worker, boolean locked) {}

    /** @param task the external task that has no retries left */
    record Incident(String instance, String task, String message) {}

    /** @param reason null when the message has none */
    record Parked(String id, String reason) {}
}
