package org.externaltask.dispatcher.operations.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.engine.EngineCall;
import org.externaltask.dispatcher.engine.EngineFaults;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.springframework.stereotype.Component;

/** Asks the engines for the incidents of a topic: its tasks that have no tries left. */
@Component
class Incidents {

    /** How many are listed. */
    private static final int MOST = 100;

    /** A page that many people look at must not make the engine count for each of them. */
    private static final Duration KEPT = Duration.ofSeconds(5);

    private final EngineCall engines;
    private final EngineFaults faults;
    private final Cache<Subscription.Key, Long> counts =
            Caffeine.newBuilder().expireAfterWrite(KEPT).build();

    /** The engines that have just not answered: nobody waits for them again at once. */
    private final Cache<String, Boolean> silent =
            Caffeine.newBuilder().expireAfterWrite(KEPT).build();

    Incidents(EngineCall engines, EngineFaults faults) {
        this.engines = engines;
        this.faults = faults;
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

    private Exchange send(Subscription.Key topic, String route) {
        Exchange answered;
        try {
            answered = engines.send(
                    topic.engine(), route, Map.of("topicName", topic.topic(), "maxResults", String.valueOf(MOST)));
        } catch (IOException | RuntimeException e) { // Camel stops
            throw Problem.unavailable("engine " + topic.engine() + " cannot be asked: the dispatcher is stopping");
        }
        if (answered.getException() != null) {
            throw Problem.unavailable(
                    faults.count(topic.engine(), answered.getException()).reason());
        }
        return answered;
    }
}
