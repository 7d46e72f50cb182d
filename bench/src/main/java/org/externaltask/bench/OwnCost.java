package org.externaltask.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a client itself costs a task: against a stub engine that answers at once and counts every task. */
public final class OwnCost implements Question {

    private static final String CAMUNDA_JAVA = "camunda-java";

    /** With Prometheus and an open console that look at it all the time. */
    private static final String WATCHED = "etd watched";

    private static final String WITHOUT_METRICS = "etd without metrics";
    private static final List<String> NO_METRICS = List.of("--management.metrics.enable.all=false");

    private final Options options;
    private final int tasks;
    private final int warmUp;

    private OwnCost(Options options) {
        this.options = options;
        this.tasks = options.number("tasks", 50_000);
        this.warmUp = Math.max(1, options.number("warm-up", 20_000));
    }

    public static void main(String[] args) throws Exception {
        Question.ask(
                "own-cost",
                args,
                Set.of("tasks", "warm-up", "max-tasks", "bare-threads", "etd-options", "scrape-every", "look-every"),
                OwnCost::new);
    }

    @Override
    public List<String> participants() {
        return options.list("participants", String.join(",", CAMUNDA_JAVA, Clients.ETD, Clients.BARE));
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        int port = Child.freePort();
        try (Stub stub = Stub.start(Work.MAPS.topic(), warmUp + tasks);
                Child client = start(participant, stub.baseUrl(), port)) {
            stub.release(1);
            stub.awaitCompleted(1, client); // so it is up, and can be looked at
            try (Watchers watchers = participant.equals(WATCHED) ? watchers(port) : Watchers.nobody()) {
                stub.release(warmUp);
                stub.awaitCompleted(warmUp, client);

                watchers.forget();
                long allocated = client.allocated();
                Stretch stretch = Stretch.begin(Stretch.parts(List.of(client), stub.process()));
                stub.release(warmUp + tasks);
                stub.awaitCompleted(warmUp + tasks, client);
                Map<String, Double> figures = stretch.perTask("tasks", tasks);
                figures.put("kB allocated per task", (client.allocated() - allocated) / 1e3 / tasks);
                figures.putAll(watchers.figures());
                return figures;
            }
        }
    }

    private Watchers watchers(int port) {
        return Watchers.of(port, options.number("scrape-every", 5), options.number("look-every", 2));
    }

    private Child start(String participant, String engine, int port) {
        Clients clients = new Clients(options, engine, Surroundings.NONE);
        return switch (participant) {
            case Clients.ETD, WATCHED -> clients.etd(port, List.of(), Work.MAPS.routes());
            case WITHOUT_METRICS -> clients.etd(port, NO_METRICS, Work.MAPS.routes());
            case CAMUNDA_JAVA -> clients.camunda(Work.COMPLETES, 1, options.number("max-tasks", 100));
            case Clients.BARE -> clients.start(Clients.BARE, Work.COMPLETES);
            default -> throw new Options.Wrong("there is no participant '" + participant + "'");
        };
    }
}
