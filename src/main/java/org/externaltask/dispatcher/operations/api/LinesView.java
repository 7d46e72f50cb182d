package org.externaltask.dispatcher.operations.api;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.externaltask.dispatcher.broker.BrokerState;
import org.externaltask.dispatcher.broker.ParkedGauge;
import org.externaltask.dispatcher.broker.ReceivingQueues;
import org.externaltask.dispatcher.broker.ReceivingQueues.ReceivingQueue;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.engine.EngineConnection;
import org.externaltask.dispatcher.engine.WorkerIds;
import org.externaltask.dispatcher.fetch.FetchPlan;
import org.externaltask.dispatcher.meters.LastSeen;
import org.externaltask.dispatcher.operations.EngineStates;
import org.externaltask.dispatcher.operations.api.Overview.Broker;
import org.externaltask.dispatcher.operations.api.Overview.Engine;
import org.externaltask.dispatcher.operations.api.Overview.Gateway;
import org.externaltask.dispatcher.operations.api.Overview.Parked;
import org.externaltask.dispatcher.operations.api.Overview.Queue;
import org.springframework.stereotype.Component;

/** What there is to see of the lines to the outside: engines, gateways, the broker and its queues. */
@Component
class LinesView {

    private final EtdProperties properties;
    private final WorkerIds workerIds;
    private final FetchPlan fetchPlan;
    private final EngineStates engines;
    private final Circuits circuits;
    private final BrokerState broker;
    private final ReceivingQueues queues;
    private final ParkedGauge parked;
    private final Figures figures;
    private final Rates rates;

    LinesView(
            EtdProperties properties,
            WorkerIds workerIds,
            FetchPlan fetchPlan,
            EngineStates engines,
            Circuits circuits,
            BrokerState broker,
            ReceivingQueues queues,
            ParkedGauge parked,
            Figures figures,
            Rates rates) {
        this.properties = properties;
        this.workerIds = workerIds;
        this.fetchPlan = fetchPlan;
        this.engines = engines;
        this.circuits = circuits;
        this.broker = broker;
        this.queues = queues;
        this.parked = parked;
        this.figures = figures;
        this.rates = rates;
    }

    List<Engine> engines() {
        List<Engine> found = new ArrayList<>();
        engines.all().forEach((name, state) -> {
            EngineConnection connection = fetchPlan.connections().get(name);
            LastSeen last = connection.lastSeen();
            found.add(new Engine(
                    name,
                    properties.engines().get(name).baseUrl().toString(),
                    workerIds.of(name),
                    upOrDown(state.up()),
                    state.reason(),
                    TopicsView.seconds(connection.answeredAgo(System.nanoTime()).orElse(null)),
                    success(last),
                    error(last),
                    errorAt(last)));
        });
        return found;
    }

    List<Gateway> gateways() {
        List<Gateway> found = new ArrayList<>();
        for (Map.Entry<String, Circuit> gateway : circuits.gateways().entrySet()) {
            String name = gateway.getKey();
            Circuit.Status status = gateway.getValue().status();
            LastSeen last = gateway.getValue().lastSeen();
            found.add(new Gateway(
                    name,
                    properties.gateways().get(name).baseUrl().toString(),
                    upOrDown(status.closed()),
                    status.state(),
                    status.since().toString(),
                    status.closed() ? null : status.lastError(),
                    rates.perMinute("etd.gateway", "gateway", name),
                    figures.millis(0.5, "etd.gateway", "gateway", name, "outcome", "2xx"),
                    figures.millis(0.95, "etd.gateway", "gateway", name, "outcome", "2xx"),
                    success(last),
                    error(last),
                    errorAt(last)));
        }
        return found;
    }

    Broker broker() {
        BrokerState.State state = broker.now();
        return new Broker(
                state.state(), state.circuit(), state.reason(), rates.perMinute("etd.publish", "outcome", "confirmed"));
    }

    List<Queue> queues() {
        return queues.all().stream().map(this::queue).toList();
    }

    Parked parked() {
        var messages = parked.messages();
        return new Parked(properties.broker().parkingQueue(), messages.isPresent() ? messages.getAsLong() : null);
    }

    private Queue queue(ReceivingQueue queue) {
        Map<String, Long> outcomes = figures.counts("etd.messages", "outcome", "queue", queue.queue());
        long redriven = outcomes.getOrDefault("redriven", 0L);
        return new Queue(
                queue.queue(),
                queue.route(),
                queue.description(),
                queue.state(),
                queue.reason(),
                outcomes.values().stream().mapToLong(Long::longValue).sum() - redriven,
                outcomes.getOrDefault("correlated", 0L),
                queue.waiting(),
                outcomes.getOrDefault("parked", 0L),
                outcomes.getOrDefault("duplicate", 0L),
                success(queue.seen()),
                error(queue.seen()),
                errorAt(queue.seen()));
    }

    private static String upOrDown(boolean up) {
        return up ? "UP" : "DOWN";
    }

    private static String success(LastSeen last) {
        return last.success().map(Instant::toString).orElse(null);
    }

    private static String error(LastSeen last) {
        return last.failure()
                .map(failure -> failure.message() == null ? failure.kind() : failure.message())
                .orElse(null);
    }

    private static String errorAt(LastSeen last) {
        return last.failure().map(failure -> failure.at().toString()).orElse(null);
    }
}
