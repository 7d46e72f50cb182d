package org.externaltask.dispatcher.operations.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.springframework.stereotype.Component;

/** Asks the engines for the incidents of a topic: the tasks without tries that its route asks for. */
@Component
class Incidents {

    /** How many are listed. */
    private static final int MOST = 100;

    /** The variable of the route {@code replay-incidents} that has the ids of the tasks that get new tries; null for all. */
    static final String TASK_IDS = "taskIds";

    /** A page that many people look at must not make the engine count for each of them. */
    private static final Duration KEPT = Duration.ofSeconds(5);

    private final EngineRequests engines;
    private final Cache<Subscription.Key, Long> counts =
            Caffeine.newBuilder().expireAfterWrite(KEPT).build();

    /** The engines that have just not answered: nobody waits for them again at once. */
    private final Cache<String, Boolean> silent =
            Caffeine.newBuilder().expireAfterWrite(KEPT).build();

    Incidents(EngineRequests engines) {
        this.engines = engines;
    }

    /** @param since null when the engine's incidents do not tell */
    record Incident(String taskId, String processInstanceId, String businessKey, String message, String since) {}

    /** @param total how many there are; the first hundred are listed */
    record Listed(long total, List<Incident> incidents) {}

    /** How many a topic has; null when the engine does not say. */
    Long count(Subscription topic) {
        Long known = counts.getIfPresent(topic.key());
        if (known != null || silent.getIfPresent(topic.engine()) != null) {
            return known;
        }
        try {
            long count = ask(topic);
            counts.put(topic.key(), count);
            return count;
        } catch (Problem e) {
            silent.put(topic.engine(), true);
            return null;
        }
    }

    /** The incidents of a topic as the engine has them now. */
    Listed list(Subscription topic) {
        AskedFor askedFor = new AskedFor(topic.filter());
        Exchange answer = send(topic, "list-incidents", askedFor.lookAtFor(MOST), Map.of());
        List<?> found = answer.getMessage().getBody(List.class);
        List<Incident> incidents =
                found.stream().limit(MOST).map(Incident.class::cast).toList();
        return new Listed(askedFor.everything() && found.size() == MOST ? ask(topic) : found.size(), incidents);
    }

    /**
     * Gives incidents new tries, all in one transaction of the engine.
     *
     * @param taskIds which; null for all
     */
    Replay replay(Subscription topic, int retries, Set<String> taskIds) {
        Map<String, Object> variables = new HashMap<>(Map.of("retries", retries));
        variables.put(TASK_IDS, taskIds);
        Replay replayed = send(topic, "replay-incidents", TaskSearch.LOOKED_AT_MOST, variables)
                .getVariable("replay", Replay.class);
        counts.invalidate(topic.key());
        return replayed;
    }

    private long ask(Subscription topic) {
        if (new AskedFor(topic.filter()).everything()) {
            JsonNode answer = send(topic, "count-incidents", TaskSearch.LOOKED_AT_MOST, Map.of())
                    .getMessage()
                    .getBody(JsonNode.class);
            return answer.path("count").asLong();
        }
        return TaskSearch.found(send(topic, "find-tasks", TaskSearch.LOOKED_AT_MOST, Map.of()))
                .size();
    }

    private Exchange send(Subscription topic, String route, int lookedAt, Map<String, Object> more) {
        Map<String, Object> variables =
                new HashMap<>(TaskSearch.variables(topic, TaskSearch.Those.WITHOUT_TRIES, lookedAt));
        variables.putAll(more);
        return engines.send(topic.engine(), route, variables);
    }
}
