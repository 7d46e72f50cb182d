package org.externaltask.dispatcher.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.engine.EngineConnection;
import org.externaltask.dispatcher.engine.EngineFault;
import org.externaltask.dispatcher.engine.EngineFaults;
import org.externaltask.dispatcher.engine.WorkerIds;
import org.externaltask.dispatcher.externaltask.ExternalTaskComponent;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.externaltask.Subscriptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Says what each engine is to be asked for next, and keeps count of the tasks that are in work. */
@Component("fetchPlan")
public class FetchPlan {

    private static final Logger LOG = LoggerFactory.getLogger(FetchPlan.class);

    /** How long a fetch loop waits at most before it looks anew at all topics; whatever changes wakes it up before. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Map<String, EnginePlan> plans = new LinkedHashMap<>();
    private final Map<String, EngineConnection> connections = new LinkedHashMap<>();

    private final Leases leases;
    private final EngineFaults faults;
    private final FetchMeters meters;
    private final Subscriptions<Subscription> subscriptions;

    FetchPlan(
            EtdProperties properties,
            ExternalTaskComponent externalTasks,
            WorkerIds workerIds,
            Leases leases,
            Circuits circuits,
            EngineFaults faults,
            FetchMeters meters,
            @Value(GracefulStop.GRACE) Duration grace) {
        this.leases = leases;
        this.faults = faults;
        this.meters = meters;
        this.subscriptions = externalTasks.subscriptions();
        properties.engines().forEach((engine, settings) -> {
            EngineConnection connection = new EngineConnection(engine, "fetches", "tasks stay in the engine");
            connections.put(engine, connection);
            plans.put(
                    engine,
                    new EnginePlan(
                            engine,
                            settings,
                            workerIds.of(engine),
                            () -> subscriptions.of(engine),
                            connection,
                            leases,
                            circuits::room,
                            grace.dividedBy(2))); // a stop waits for the answer, and what it brings must be given back
        });
        subscriptions.onAdded(this::expect);
        subscriptions.onRemoved(topic -> plans.get(topic.engine()).forget(topic.topic()));
        subscriptions.onChange(this::lookAgain);
        circuits.onChange(this::lookAgain);
    }

    /** The next request for an engine, or null when there is nothing to ask for right now. */
    public FetchRequest next(String engine, FetchLane lane) {
        try {
            return plans.get(engine).next(lane, PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (RuntimeException e) {
            // Without a pause the loop would come back at once, and without a log nobody would know.
            LOG.error("engine {}: cannot tell what to ask for", engine, e);
            connections.get(engine).failed(faults.count(engine, e), System.nanoTime());
            return null;
        }
    }

    /** The tasks in the engine's answer, each with a lease and a permit, or to be given back. */
    public List<Lease> arrived(JsonNode answer, FetchRequest request) {
        List<LockedTask> tasks = FetchAnswer.read(answer, request);
        meters.answered(request, answer);
        return plans.get(request.engine()).arrived(request, tasks);
    }

    /**
     * The request failed: its permits are free again, and the engine is left alone for a while.
     *
     * @return the tasks that are known to be locked although the answer was too large; none of any other failure
     */
    public List<Lease> failed(FetchRequest request, Exception cause) {
        EngineFault why = faults.count(request.engine(), cause);
        meters.failed(request);
        List<LockedTask> begun = FetchAnswer.beginning(faults.beginningOfAnswer(cause), request);
        if (begun.isEmpty()) {
            plans.get(request.engine()).failed(request, why);
            return List.of();
        }
        LOG.warn(
                "{}; of its tasks {} are known and given back, or fail if they are too large by themselves; the next fetches ask for fewer",
                why.reason(),
                begun.size());
        return plans.get(request.engine()).tooLarge(request, begun);
    }

    /** How each engine answers. */
    public Map<String, EngineConnection> connections() {
        return Map.copyOf(connections);
    }

    /** A task is no longer in work. */
    void release(Lease lease) {
        leases.remove(lease);
        plans.get(lease.task().engine()).release(lease.task().topicName());
    }

    /**
     * When a topic was last asked for.
     *
     * @param ago how long it is since the engine answered a fetch in which it was asked for
     * @param overdue whether that is too long, although it has room and its engine answers
     */
    public record Polled(Subscription.Key key, Duration ago, boolean overdue) {}

    /** When the topics that have a route were last asked for. */
    public List<Polled> polled() {
        long now = System.nanoTime();
        return subscriptions.all().stream()
                .map(Subscription::key)
                .map(key -> {
                    EnginePlan plan = plans.get(key.engine());
                    return new Polled(key, plan.polledAgo(key.topic(), now), plan.isOverdue(key.topic(), now));
                })
                .toList();
    }

    /** How many tasks of a topic are in work, also when its route is stopped. */
    public int inWork(Subscription.Key topic) {
        return plans.get(topic.engine()).inWork(topic.topic());
    }

    /** For how long the oldest task in work of each topic has been in work; only topics with work. */
    public Map<Subscription.Key, Duration> longestInWork() {
        return leases.longestHeld();
    }

    /** Whether the loop that asks an engine is stuck in a request for longer than three times what it may take. */
    public boolean isStuck(String engine) {
        return plans.get(engine).isStuck(System.nanoTime());
    }

    private void expect(Subscription topic) {
        EnginePlan plan = plans.get(topic.engine());
        plan.expect(topic.topic());
        meters.show(topic, plan);
    }

    private void lookAgain() {
        plans.values().forEach(EnginePlan::lookAgain);
    }

    void start() {
        plans.values().forEach(EnginePlan::start);
    }

    /** No engine is asked for anything any more. */
    void stop() {
        plans.values().forEach(EnginePlan::stop);
    }

    /** Waits until the engines have answered the requests that are open, but no longer than {@code patience}. */
    void awaitAnswers(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        for (EnginePlan plan : plans.values()) {
            plan.awaitAnswers(Duration.ofNanos(deadline - System.nanoTime()));
        }
    }
}
