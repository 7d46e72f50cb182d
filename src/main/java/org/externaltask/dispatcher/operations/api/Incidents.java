package org.externaltask.dispatcher.operations.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.springframework.stereotype.Component;

/** Asks the engines for the incidents of a topic: its tasks that have no tries left. */
@Component
class Incidents {

    /** How many are listed. */
    private static final int MOST = 100;

    /** How many get new tries at once. */
    static final int REPLAYED = 1_000;

    /** The variable of the route {@code replay-incidents} that says of a task whether it gets new tries. */
    static final String TO_REPLAY = "toReplay";

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
    Long count(Subscription.Key topic) {
        Long known = counts.getIfPresent(topic);
        if (known != null || silent.getIfPresent(topic.engine()) != null) {
            return known;
        }
        try {
            long count = ask(topic);
            counts.put(topic, count);
            return count;
        } catch (Problem e) {
            silent.put(topic.engine(), true);
            return null;
        }
    }

    /** The incidents of a topic as the engine has them now. */
    Listed list(Subscription.Key topic) {
        List<?> found = send(topic, "list-incidents").getMessage().getBody(List.class);
        List<Incident> incidents = found.stream().map(Incident.class::cast).toList();
        return new Listed(incidents.size() < MOST ? incidents.size() : ask(topic), incidents);
    }

    private long ask(Subscription.Key topic) {
        JsonNode answer = send(topic, "count-incidents").getMessage().getBody(JsonNode.class);
        return answer.path("count").asLong();
    }

    /**
     * Gives incidents new tries, all in one transaction of the engine.
     *
     * @param taskIds which; null for all that the topic asks for
     */
    Replay replay(Subscription topic, int retries, Set<String> taskIds) {
        Map<String, Object> variables = new HashMap<>(
                Map.of("topicName", topic.topic(), "maxResults", String.valueOf(REPLAYED), "retries", retries));
        variables.put(TO_REPLAY, (Predicate<JsonNode>) task -> isAskedFor(task, topic.filter())
                && (taskIds == null || taskIds.contains(task.path("id").asText())));
        Replay replayed =
                engines.send(topic.engine(), "replay-incidents", variables).getVariable("replay", Replay.class);
        counts.invalidate(topic.key());
        return replayed;
    }

    /** A topic may be shared with others, and the engine's query for tasks does not know all that its fetch can filter by. */
    private static boolean isAskedFor(JsonNode task, Subscription.Filter filter) {
        String tenant = task.path("tenantId").asText(null);
        return isAmong(
                        filter.processDefinitionKeys(),
                        task.path("processDefinitionKey").asText())
                && isAmong(
                        filter.processDefinitionIds(),
                        task.path("processDefinitionId").asText())
                && (filter.processDefinitionVersionTag() == null
                        || filter.processDefinitionVersionTag()
                                .equals(task.path("processDefinitionVersionTag").asText()))
                && (filter.businessKey() == null
                        || filter.businessKey().equals(task.path("businessKey").asText()))
                && isAmong(filter.tenantIds(), tenant)
                && !(filter.withoutTenantId() && tenant != null);
    }

    private static boolean isAmong(List<String> wanted, String one) {
        return wanted.isEmpty() || wanted.contains(one);
    }

    private Exchange send(Subscription.Key topic, String route) {
        return engines.send(
                topic.engine(), route, Map.of("topicName", topic.topic(), "maxResults", String.valueOf(MOST)));
    }
}
