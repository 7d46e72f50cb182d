package org.externaltask.dispatcher.operations.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.circuit.CircuitUser;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.externaltask.Subscribed;
import org.externaltask.dispatcher.externaltask.SubscribingRoutes;
import org.externaltask.dispatcher.externaltask.SubscribingRoutes.SubscribingRoute;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.fetch.FetchPlan;
import org.externaltask.dispatcher.meters.Events;
import org.externaltask.dispatcher.meters.LastSeen;
import org.externaltask.dispatcher.operations.EngineStates;
import org.externaltask.dispatcher.operations.api.Overview.LastError;
import org.externaltask.dispatcher.operations.api.Overview.Topic;
import org.externaltask.dispatcher.outcome.TopicsSeen;
import org.externaltask.dispatcher.usertask.UserTaskPlan;
import org.springframework.stereotype.Component;

/** What there is to see of each topic. */
@Component
class TopicsView {

    private static final String COMPLETED = "completed";
    private static final double MEDIAN = 0.5;
    private static final double SLOW = 0.95;

    private final SubscribingRoutes routes;
    private final FetchPlan fetchPlan;
    private final UserTaskPlan userTaskPlan;
    private final EngineStates engines;
    private final Circuits circuits;
    private final TopicsSeen seen;
    private final Incidents incidents;
    private final Figures figures;
    private final Rates rates;

    TopicsView(
            SubscribingRoutes routes,
            FetchPlan fetchPlan,
            UserTaskPlan userTaskPlan,
            EngineStates engines,
            Circuits circuits,
            TopicsSeen seen,
            Incidents incidents,
            Figures figures,
            Rates rates) {
        this.routes = routes;
        this.fetchPlan = fetchPlan;
        this.userTaskPlan = userTaskPlan;
        this.engines = engines;
        this.circuits = circuits;
        this.seen = seen;
        this.incidents = incidents;
        this.figures = figures;
        this.rates = rates;
    }

    /** One task, as the activity log shows it. */
    record Event(
            String at,
            String taskId,
            String processInstanceId,
            String businessKey,
            String outcome,
            double millis,
            String message) {}

    /** What is the same for all topics while they are looked at. */
    private record Now(
            Map<String, EngineStates.State> engines,
            Map<Subscription.Key, Duration> longest,
            Map<Subscription.Key, Duration> polled) {}

    List<Topic> all() {
        Now now = new Now(
                engines.all(),
                fetchPlan.longestInWork(),
                fetchPlan.polled().stream().collect(Collectors.toMap(FetchPlan.Polled::key, FetchPlan.Polled::ago)));
        return routes.all().stream().map(route -> topic(route, now)).toList();
    }

    /** What became of the latest tasks of a topic, the newest first. */
    List<Event> events(String engine, String topic) {
        Subscription.Key key = key(engine, topic);
        return seen.events(key.engine(), key.topic()).latest().stream()
                .map(TopicsView::event)
                .toList();
    }

    /** The topic that a route asks for; fails when there is none. */
    Subscription.Key key(String engine, String topic) {
        Subscription.Key key = new Subscription.Key(engine, topic);
        if (routes.all().stream().noneMatch(route -> route.asks().key().equals(key))) {
            throw nobodyAsks(engine, topic);
        }
        return key;
    }

    /** The route that the overview calls by this name; fails when there is none. */
    SubscribingRoute route(String engine, String topic) {
        return routes.all().stream()
                .filter(route -> route.asks().key().engine().equals(engine)
                        && nameOf(route).equals(topic))
                .findFirst()
                .orElseThrow(() -> nobodyAsks(engine, topic));
    }

    /** What a topic's route asks for; fails when there is none, and for user tasks. */
    Subscription subscription(String engine, String topic) {
        if (route(engine, topic).asks() instanceof Subscription subscription) {
            return subscription;
        }
        throw Problem.badRequest("'" + topic + "' is for user tasks, which have no incidents and no locks here.");
    }

    /** A topic by its own name, an event of a user task by its route's: there are several of one user task. */
    private static String nameOf(SubscribingRoute route) {
        return route.asks() instanceof Subscription topic ? topic.topic() : route.id();
    }

    private Topic topic(SubscribingRoute route, Now now) {
        return route.asks() instanceof Subscription topic
                ? externalTask(route, topic, now)
                : userTask(route, route.asks(), now);
    }

    private Topic externalTask(SubscribingRoute route, Subscription topic, Now now) {
        String[] tags = {"engine", topic.engine(), "topic", topic.topic()};
        String[] gateway = {"topic", topic.topic(), "outcome", "2xx"};
        String[] completed = {"engine", topic.engine(), "topic", topic.topic(), "outcome", COMPLETED};
        int inWork = fetchPlan.inWork(topic.key());
        State state = state(route, inWork, now);
        LastSeen last = seen.of(topic.engine(), topic.topic());
        boolean up = isUp(topic.engine(), now);
        return new Topic(
                topic.engine(),
                topic.topic(),
                route.group(),
                route.description(),
                state.name(),
                state.reason(),
                inWork,
                topic.maxConcurrent(),
                seconds(now.polled().get(topic.key())),
                rates.perMinute("etd.tasks", completed),
                figures.counts("etd.tasks", "outcome", tags),
                figures.counts("etd.task.failures", "next", tags),
                figures.millis(MEDIAN, "etd.gateway", gateway),
                figures.millis(SLOW, "etd.gateway", gateway),
                figures.millis(MEDIAN, "etd.task", completed),
                figures.millis(SLOW, "etd.task", completed),
                seconds(now.longest().get(topic.key())),
                up ? incidents.count(topic) : null,
                last.success().map(Instant::toString).orElse(null),
                last.failure().map(TopicsView::lastError).orElse(null));
    }

    private Topic userTask(SubscribingRoute route, Subscribed asks, Now now) {
        int inWork = userTaskPlan.inWork(asks.key());
        State state = state(route, inWork, now);
        String task =
                asks instanceof CircuitUser user ? user.topic() : asks.key().name();
        String[] gateway = {"topic", task, "outcome", "2xx"};
        return new Topic(
                asks.key().engine(),
                nameOf(route),
                route.group(),
                route.description(),
                state.name(),
                state.reason(),
                inWork,
                asks.maxConcurrent(),
                null,
                0,
                figures.counts("etd.user.tasks", "outcome", "engine", asks.key().engine(), "task", task),
                Map.of(),
                figures.millis(MEDIAN, "etd.gateway", gateway),
                figures.millis(SLOW, "etd.gateway", gateway),
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private record State(String name, String reason) {}

    private State state(SubscribingRoute route, int inWork, Now now) {
        Subscribed asks = route.asks();
        if (route.paused()) {
            return new State("paused", "an operator has paused it; its tasks wait in the engine until it is resumed");
        }
        if (!route.started()) {
            return new State("paused", "its route is stopped");
        }
        if (!isUp(asks.key().engine(), now)) {
            return new State(
                    "engineDown", now.engines().get(asks.key().engine()).reason());
        }
        Optional<Circuit> obstacle = asks instanceof CircuitUser user ? circuits.obstacle(user) : Optional.empty();
        if (obstacle.isPresent()) {
            Circuit.Status circuit = obstacle.get().status();
            String what = obstacle.get().name() + " is " + circuit.state();
            return new State("circuitOpen", circuit.lastError() == null ? what : what + ": " + circuit.lastError());
        }
        return inWork >= asks.maxConcurrent()
                ? new State("noPermits", "all of its " + asks.maxConcurrent() + " permits (maxConcurrent) are in use")
                : new State("fetched", null);
    }

    private static Problem nobodyAsks(String engine, String topic) {
        return Problem.notFound("No route asks engine '" + engine + "' for a topic '" + topic
                + "'; GET /actuator/etd names the topics that have one.");
    }

    private static boolean isUp(String engine, Now now) {
        EngineStates.State state = now.engines().get(engine);
        return state != null && state.up();
    }

    private static LastError lastError(LastSeen.Failure failure) {
        return new LastError(failure.at().toString(), failure.kind(), failure.message(), failure.advice());
    }

    private static Event event(Events.Event event) {
        return new Event(
                Instant.ofEpochMilli(event.atMillis()).toString(),
                event.taskId(),
                event.processInstanceId(),
                event.businessKey(),
                event.outcome(),
                Figures.rounded(event.nanos() / 1_000_000.0),
                event.message());
    }

    static Double seconds(Duration duration) {
        return duration == null ? null : Figures.rounded(duration.toMillis() / 1_000.0);
    }
}
