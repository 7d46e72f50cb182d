package org.externaltask.bench;

import java.util.List;
import java.util.Map;

/** Tasks with a JSON variable of a size, which is read and written. */
final class LargeVariables implements Question {

    private static final long VOLUME = 100_000_000;

    private final Options options;
    private final List<Integer> kilobytes;
    private final int tasks;
    private final Engine engine;

    LargeVariables(Options options) {
        this.options = options;
        this.kilobytes = options.numbers("sizes", "1,100,1000");
        this.tasks = options.number("tasks", 5_000);
        this.engine = Engine.startWarm(options);
    }

    @Override
    public List<String> participants() {
        return kilobytes.stream().map(size -> size + " kB").toList();
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        int bytes = 1_000 * Integer.parseInt(participant.replaceAll("\\D", ""));
        // Fewer of the large ones: the engine keeps them all in memory, as variables and as history.
        int measured = (int) Math.min(tasks, VOLUME / bytes);
        Backlog backlog = new Backlog(measured / 5, measured, 0, 1);
        engine.forget();
        String json = "{\"text\":\"" + "x".repeat(bytes - 11) + "\"}";
        backlog.fill(engine, Work.CARRIES.topic(), Map.of("payload", new Engine.Json(json)));
        Clients clients = new Clients(options, engine.baseUrl(), Surroundings.NONE);
        Map<String, Double> figures =
                backlog.drain(engine, 0, () -> List.of(clients.start(Clients.ETD, Work.CARRIES)), Backlog.NONE);
        figures.put("MB/s each way", figures.get("tasks/s") * bytes / 1e6);
        return figures;
    }

    @Override
    public void close() {
        engine.close();
    }
}
