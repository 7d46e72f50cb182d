package org.externaltask.dispatcher.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.externaltask.dispatcher.engine.EngineDate;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.meters.Age;
import org.externaltask.dispatcher.meters.Tagged;
import org.springframework.stereotype.Component;

/** Measures the fetches, and shows how many tasks of each topic are in work. */
@Component
class FetchMeters {

    private final MeterRegistry registry;
    private final HeartbeatMeters heartbeats;
    private final Set<Subscription.Key> shown = ConcurrentHashMap.newKeySet();
    private final Tagged<Timer> fetches;
    private final Tagged<DistributionSummary> sizes;
    private final Tagged<Timer> ages;

    FetchMeters(MeterRegistry registry, HeartbeatMeters heartbeats) {
        this.registry = registry;
        this.heartbeats = heartbeats;
        fetches = Tagged.by(
                tags -> Timer.builder("etd.fetch")
                        .description("one fetch, the time included that the engine holds it open")
                        .tags(tags)
                        .register(registry),
                "engine",
                "lane",
                "outcome");
        sizes = Tagged.by(
                tags -> DistributionSummary.builder("etd.fetch.size")
                        .description("tasks that a fetch brought")
                        .baseUnit("tasks")
                        .tags(tags)
                        .register(registry),
                "engine",
                "lane");
        ages = Tagged.by(
                tags -> Timer.builder("etd.fetch.age")
                        .description(
                                "age of the oldest task of a topic that a fetch brought, by the engine's clock and ours")
                        .tags(tags)
                        .register(registry),
                "engine",
                "topic");
    }

    void answered(FetchRequest request, JsonNode tasks) {
        took(request, tasks.isEmpty() ? "empty" : "tasks");
        sizes.of(request.engine(), lane(request)).record(tasks.size());
        oldest(request, tasks).forEach((topic, created) -> EngineDate.read(created)
                .ifPresent(date -> ages.of(request.engine(), topic).record(Age.of(date))));
    }

    void failed(FetchRequest request) {
        took(request, "failed");
    }

    /** From when a topic has a route on; a topic whose route is gone shows no permits. */
    void show(Subscription topic, EnginePlan plan) {
        if (!shown.add(topic.key())) {
            return;
        }
        heartbeats.show(topic);
        gauge("etd.permits.used", "tasks of a topic in work", topic, () -> plan.inWork(topic.topic()));
        gauge("etd.permits.free", "tasks of a topic that may start now", topic, () -> plan.free(topic.topic()));
    }

    private void gauge(String name, String description, Subscription topic, Supplier<Number> value) {
        Gauge.builder(name, value)
                .description(description)
                .baseUnit("tasks")
                .tags("engine", topic.engine(), "topic", topic.topic())
                .register(registry);
    }

    private void took(FetchRequest request, String outcome) {
        fetches.of(request.engine(), lane(request), outcome)
                .record(System.nanoTime() - request.startedNanos(), TimeUnit.NANOSECONDS);
    }

    /** The engine writes its dates so that the texts are in the order of time; to read each one would cost more than it tells. */
    private static Map<String, String> oldest(FetchRequest request, JsonNode tasks) {
        Map<String, String> oldest = new HashMap<>();
        for (JsonNode task : tasks) {
            String topic = task.path("topicName").asText();
            String created = task.path("createTime").asText("");
            if (!created.isEmpty() && request.topics().containsKey(topic)) {
                oldest.merge(topic, created, (one, other) -> one.compareTo(other) < 0 ? one : other);
            }
        }
        return oldest;
    }

    private static String lane(FetchRequest request) {
        return request.lane().name().toLowerCase(Locale.ROOT);
    }
}
