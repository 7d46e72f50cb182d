package org.externaltask.dispatcher.fetch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.externaltask.dispatcher.externaltask.Subscription;

/** Subscriptions and tasks as tests need them. */
public final class TestSubscriptions {

    private TestSubscriptions() {}

    public static Subscription subscription(String topic, int maxConcurrent) {
        return subscription(topic, maxConcurrent, Duration.ofSeconds(30));
    }

    static Subscription subscription(String topic, int maxConcurrent, Duration lockDuration) {
        return new Subscription(
                "default",
                topic,
                List.of(),
                Set.of(),
                Map.of(),
                Set.of(),
                lockDuration,
                maxConcurrent,
                3,
                List.of(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(5)),
                Map.of(),
                true,
                null,
                Subscription.OutputScope.PROCESS,
                new Subscription.Filter(List.of(), List.of(), null, List.of(), false, null, Map.of(), false),
                topic + ".camel.yaml");
    }

    public static LockedTask task(String id, Subscription subscription) {
        return task(id, subscription, null, Map.of());
    }

    public static LockedTask task(
            String id, Subscription subscription, Integer retries, Map<String, String> extensionProperties) {
        return task(
                id,
                subscription,
                retries,
                extensionProperties,
                System.nanoTime() + subscription.lockDuration().toNanos());
    }

    static LockedTask task(String id, Subscription subscription, long leaseEndNanos) {
        return task(id, subscription, null, Map.of(), leaseEndNanos);
    }

    private static LockedTask task(
            String id,
            Subscription subscription,
            Integer retries,
            Map<String, String> extensionProperties,
            long leaseEndNanos) {
        return new LockedTask(
                "default",
                id,
                subscription.topic(),
                "worker-1",
                null,
                "instance-1",
                "execution-1",
                "order-handling",
                "activity-1",
                retries,
                null,
                extensionProperties,
                null,
                subscription,
                leaseEndNanos);
    }
}
