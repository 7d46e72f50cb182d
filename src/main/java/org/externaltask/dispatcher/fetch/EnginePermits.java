package org.externaltask.dispatcher.fetch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.externaltask.dispatcher.externaltask.Subscription;

/**
 * The permits of all topics of one engine: which of them have room, and what is kept free for the requests that are open. Guarded by
 * the lock of its {@link EnginePlan}.
 */
final class EnginePermits {

    private final ToIntFunction<Subscription> circuits;
    private final Map<String, TopicPermits> permits = new HashMap<>();

    /** @param circuits how many tasks of a topic may be in work as far as what it calls goes: none, one to try it, or any number */
    EnginePermits(ToIntFunction<Subscription> circuits) {
        this.circuits = circuits;
    }

    /** The topics that are not cut off from what they call. */
    List<Subscription> fetchable(List<Subscription> all) {
        return all.stream().filter(this::refresh).toList();
    }

    /** Those of the topics that a request may ask for now. */
    List<Subscription> askable(FetchLane lane, List<Subscription> topics, long now) {
        List<Subscription> roomy = new ArrayList<>(topics.size());
        List<Subscription> narrow = new ArrayList<>();
        for (Subscription topic : topics) {
            TopicPermits permits = of(topic.topic());
            if (permits.nanosToNextFetch(lane, now) <= 0) {
                (permits.isNarrow() ? narrow : roomy).add(topic);
            }
        }
        // Asked for together, a narrow topic would shrink the fetch of all the others to its own room.
        return roomy.isEmpty() ? narrow : roomy;
    }

    /** How long it takes until one of the topics may be asked for; {@link Long#MAX_VALUE} when something else has to happen first. */
    long nanosToNextFetch(FetchLane lane, List<Subscription> topics, long now) {
        return topics.stream()
                .mapToLong(topic -> of(topic.topic()).nanosToNextFetch(lane, now))
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** Keeps the smallest room among the topics free in each of them, but no more than {@code most}, and says how much that is. */
    int keep(List<Subscription> topics, int most, long now) {
        int kept = topics.stream().mapToInt(topic -> of(topic.topic()).free()).reduce(most, Math::min);
        topics.forEach(topic -> of(topic.topic()).keep(kept, now));
        return kept;
    }

    void giveBackKept(Collection<String> topics) {
        topics.forEach(topic -> of(topic).giveBackKept());
    }

    /** A catch-up fetch brought nothing for these topics. */
    void nothingThere(Collection<String> topics, long now) {
        topics.forEach(topic -> of(topic).nothingThere(now));
    }

    /** Whether something that the topic calls is away, so that its tasks need not be started. */
    boolean isCutOff(Subscription topic) {
        return !refresh(topic);
    }

    /** Takes a permit for a task that has arrived; false when there is none. */
    boolean take(String topic) {
        return of(topic).take();
    }

    /** Gives a permit back; says whether that makes a fetch worth while that was not before. */
    boolean release(String topic) {
        boolean wasRoomy = of(topic).isRoomy();
        of(topic).release();
        return !wasRoomy && of(topic).isRoomy();
    }

    int inWork(String topic) {
        return of(topic).inWork();
    }

    int free(String topic) {
        return of(topic).notInWork();
    }

    private boolean refresh(Subscription topic) {
        int room = circuits.applyAsInt(topic);
        of(topic.topic()).limit(topic.maxConcurrent(), room);
        return room > 0;
    }

    private TopicPermits of(String topic) {
        return permits.computeIfAbsent(topic, name -> new TopicPermits());
    }
}
