package org.externaltask.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The same number of tasks, out of backlogs of different depth. */
final class DeepBacklog implements Question {

    private static final int PER_INSTANCE = 50;

    private final Options options;
    private final List<Integer> depths;
    private final int tasks;
    private final int warmUp;
    private final Engine engine;

    DeepBacklog(Options options) {
        this.options = options;
        this.depths = options.numbers("sizes", "10000,100000");
        this.tasks = options.number("tasks", 5_000);
        this.warmUp = options.number("warm-up", 2_000);
        this.engine = Engine.startWarm(options);
    }

    @Override
    public List<String> participants() {
        return depths.stream()
                .map(depth -> String.format(Locale.ROOT, "%,d tasks", depth))
                .toList();
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        int depth = Integer.parseInt(participant.replaceAll("\\D", ""));
        Backlog backlog = new Backlog(warmUp, tasks, Math.max(0, depth - warmUp - tasks), PER_INSTANCE);
        engine.forget();
        backlog.fill(engine, Work.MAPS.topic(), Map.of());
        Clients clients = new Clients(options, engine.baseUrl(), Surroundings.NONE);
        return backlog.drain(engine, 0, () -> List.of(clients.start(Clients.ETD, Work.MAPS)), Backlog.NONE);
    }

    @Override
    public void close() {
        engine.close();
    }
}
