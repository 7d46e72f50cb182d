package org.externaltask.dispatcher.operations.api;

import java.util.List;
import java.util.Map;

/**
 * What an operator sees at a glance; docs/operations-api.md says what each field means. Times are ISO 8601 in UTC.
 *
 * @param parked null while the broker is not known to have parked messages
 */
record Overview(
        String version,
        String startedAt,
        String now,
        List<Engine> engines,
        List<Gateway> gateways,
        Broker broker,
        List<Topic> topics,
        List<Queue> queues,
        Parked parked) {

    /** @param state {@code UP} or {@code DOWN}, as in the health */
    record Engine(
            String name,
            String baseUrl,
            String workerId,
            String state,
            String reason,
            Double lastPollSecondsAgo,
            String lastSuccess,
            String lastError,
            String lastErrorAt) {}

    /** @param p50Millis the percentiles of the slowest of its topics */
    record Gateway(
            String name,
            String baseUrl,
            String state,
            String circuit,
            String since,
            String reason,
            double callsPerMinute,
            Double p50Millis,
            Double p95Millis,
            String lastSuccess,
            String lastError,
            String lastErrorAt) {}

    /** @param state {@code UP}, {@code DOWN}, {@code BLOCKED} or {@code UNUSED} */
    record Broker(String state, String circuit, String reason, double publishedPerMinute) {}

    /**
     * A topic, or an event of a user task.
     *
     * @param topic the topic, or the name of the route for an event of a user task
     * @param state {@code fetched}, {@code paused}, {@code circuitOpen}, {@code noPermits} or {@code engineDown}
     * @param outcomes tasks by what became of them, since the start
     * @param failures those that failed, by whether the task is tried again, since the start
     */
    record Topic(
            String engine,
            String topic,
            String kind,
            String description,
            String state,
            String stateReason,
            int inWork,
            int permits,
            Double lastPollSecondsAgo,
            double completedPerMinute,
            Map<String, Long> outcomes,
            Map<String, Long> failures,
            Double gatewayP50Millis,
            Double gatewayP95Millis,
            Double taskP50Millis,
            Double taskP95Millis,
            Double oldestInWorkSeconds,
            Long openIncidents,
            String lastSuccess,
            LastError lastError) {}

    /** @param advice what to do about it */
    record LastError(String at, String kind, String message, String advice) {}

    /** @param waiting in a retry queue, because this process has put them there */
    record Queue(
            String queue,
            String route,
            String description,
            String state,
            String stateReason,
            long received,
            long correlated,
            long waiting,
            long parked,
            long repeated,
            String lastSuccess,
            String lastError,
            String lastErrorAt) {}

    /** @param messages null while that is not known */
    record Parked(String queue, Long messages) {}
}
