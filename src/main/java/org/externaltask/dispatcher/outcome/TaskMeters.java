package org.externaltask.dispatcher.outcome;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.externaltask.dispatcher.externaltask.ExternalTaskComponent;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.fetch.Lease;
import org.externaltask.dispatcher.fetch.LockedTask;
import org.externaltask.dispatcher.meters.Tagged;
import org.externaltask.dispatcher.meters.Timers;
import org.springframework.stereotype.Component;

/** Measures what became of tasks, how long it took, and how much of their locks was left. */
@Component
class TaskMeters {

    private static final List<String> FORESEEN = List.of("completed", "bpmnError", "failure", "unreported", "lockLost");
    private static final List<String> NEXT = List.of("retry", "incident");
    private static final double[] SHARES = {0.1, 0.25, 0.5};

    private final Tagged<Counter> tasks;
    private final Tagged<Timer> durations;
    private final Tagged<Counter> failures;
    private final Tagged<DistributionSummary> leaseLeft;

    TaskMeters(MeterRegistry registry, ExternalTaskComponent externalTasks) {
        tasks = Tagged.by(
                tags -> Counter.builder("etd.tasks")
                        .description("tasks, by what became of them")
                        .tags(tags)
                        .register(registry),
                "engine",
                "topic",
                "outcome");
        durations =
                Timers.of(registry, "etd.task", "from the lock of a task to its outcome", "engine", "topic", "outcome");
        failures = Tagged.by(
                tags -> Counter.builder("etd.task.failures")
                        .description("failures, by whether the task is tried again")
                        .tags(tags)
                        .register(registry),
                "engine",
                "topic",
                "next");
        leaseLeft = Tagged.by(
                tags -> DistributionSummary.builder("etd.lease.left")
                        .description("share of the lock that was left when the engine had the outcome")
                        .baseUnit("ratio")
                        .tags(tags)
                        .serviceLevelObjectives(SHARES)
                        .register(registry),
                "engine",
                "topic");
        externalTasks.subscriptions().onAdded(this::show);
    }

    /** At zero, because the first step of a counter that was not there before is no increase to Prometheus. */
    private void show(Subscription topic) {
        FORESEEN.forEach(outcome -> tasks.of(topic.engine(), topic.topic(), outcome));
        NEXT.forEach(next -> failures.of(topic.engine(), topic.topic(), next));
    }

    /** The engine knows what came of a task, or does not want to know, or could not be told. */
    void ended(Lease lease, String outcome, Lease.End how) {
        LockedTask task = lease.task();
        String topic = topic(task.subscription());
        tasks.of(task.engine(), topic, outcome).increment();
        if (!lease.isStartable()) {
            return;
        }
        long now = System.nanoTime();
        durations.of(task.engine(), topic, outcome).record(lease.heldNanos(now), TimeUnit.NANOSECONDS);
        if (how == Lease.End.FINISHED) {
            leaseLeft.of(task.engine(), topic).record(lease.left(now));
        }
    }

    /** The engine is about to be told of a failure. */
    void failed(LockedTask task, int retries) {
        failures.of(task.engine(), topic(task.subscription()), retries == 0 ? "incident" : "retry")
                .increment();
    }

    /** A name that no route knows must not become a tag. */
    private static String topic(Subscription subscription) {
        return subscription == null ? "none" : subscription.topic();
    }
}
