package org.externaltask.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a client itself costs a task: against a stub engine that answers at once and counts every task. */
public final class OwnCost implements Question {

    private static final String CAMUNDA_JAVA = "camunda-java";

    private final Options options;
    private final int tasks;
    private final int warmUp;

    private OwnCost(Options options) {
        this.options = options;
        this.tasks = options.number("tasks", 50_000);
        this.warmUp = options.number("warm-up", 20_000);
    }

    public static void main(String[] args) throws Exception {
        Question.ask(
                "own-cost", args, Set.of("tasks", "warm-up", "max-tasks", "bare-threads", "etd-options"), OwnCost::new);
    }

    @Override
    public List<String> participants() {
        return options.list("participants", String.join(",", CAMUNDA_JAVA, Clients.ETD, Clients.BARE));
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        try (Stub stub = Stub.start(Work.MAPS.topic(), warmUp + tasks);
                Child client = start(participant, stub.baseUrl())) {
            stub.release(warmUp);
            stub.awaitCompleted(warmUp, client);

            long allocated = client.allocated();
            Stretch stretch = Stretch.begin(Stretch.parts(List.of(client), stub.process()));
            stub.release(warmUp + tasks);
            stub.awaitCompleted(warmUp + tasks, client);
            Map<String, Double> figures = stretch.perTask("tasks", tasks);
            figures.put("kB allocated per task", (client.allocated() - allocated) / 1e3 / tasks);
            return figures;
        }
    }

    private Child start(String participant, String engine) {
        Clients clients = new Clients(options, engine, Surroundings.NONE);
        return switch (participant) {
            case Clients.ETD -> clients.start(Clients.ETD, Work.MAPS);
            case CAMUNDA_JAVA -> clients.camunda(Work.COMPLETES, 1, options.number("max-tasks", 100));
            case Clients.BARE -> clients.start(Clients.BARE, Work.COMPLETES);
            default -> throw new Options.Wrong("there is no participant '" + participant + "'");
        };
    }
}
