package org.externaltask.dispatcher.outcome;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/** What the engine is told about a task whose route did not end normally. */
sealed interface Outcome {

    /**
     * Neither done nor failed: the task goes back to the engine without costing a retry.
     *
     * @param countedAs the outcome in the metrics
     */
    record Unlock(String countedAs) implements Outcome {}

    /**
     * A business error, for a boundary event of the task.
     *
     * @param code error code, as the boundary event names it
     * @param message one line for people
     * @param variables typed variables to write
     */
    record BpmnError(String code, String message, ObjectNode variables) implements Outcome {

        /** The request as {@code POST /external-task/{id}/bpmnError} wants it. */
        ObjectNode request(String workerId) {
            ObjectNode request = JsonNodeFactory.instance
                    .objectNode()
                    .put("workerId", workerId)
                    .put("errorCode", code);
            if (!message.isEmpty()) {
                request.put("errorMessage", message); // an empty one is refused
            }
            request.set("variables", variables);
            return request;
        }
    }

    /**
     * A technical failure.
     *
     * @param message one line that a person can act on
     * @param details the rest, without secrets
     * @param retries how many tries are left; 0 makes an incident
     * @param retryTimeout when the engine may offer the task again
     */
    record Failure(String message, String details, int retries, Duration retryTimeout) implements Outcome {

        /** The engine keeps 666 characters of the message and all of the details ({@code ExternalTaskEntity}). */
        private static final int LONGEST_MESSAGE = 666;

        Failure masked(Secrets secrets) {
            return new Failure(secrets.mask(message), secrets.mask(details), retries, retryTimeout);
        }

        /** The request as {@code POST /external-task/{id}/failure} wants it; left out, {@code retries} would count as 0. */
        ObjectNode request(String workerId) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("workerId", workerId)
                    .put(
                            "errorMessage",
                            message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE))
                    .put("errorDetails", details)
                    .put("retries", retries)
                    .put("retryTimeout", retryTimeout.toMillis());
        }
    }
}
