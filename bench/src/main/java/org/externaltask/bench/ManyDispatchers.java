package org.externaltask.bench;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** One backlog, worked off by several dispatchers. */
final class ManyDispatchers implements Question {

    private final Options options;
    private final List<Integer> dispatchers;
    private final Backlog backlog;
    private final Engine engine;

    ManyDispatchers(Options options) {
        this.options = options;
        this.dispatchers = options.numbers("sizes", "1,2,3");
        this.backlog = new Backlog(options.number("warm-up", 4_000), options.number("tasks", 10_000), 0, 50);
        this.engine = Engine.startWarm(options);
    }

    @Override
    public List<String> participants() {
        return dispatchers.stream()
                .map(count -> count + (count == 1 ? " dispatcher" : " dispatchers"))
                .toList();
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        int count = Integer.parseInt(participant.replaceAll("\\D", ""));
        engine.forget();
        backlog.fill(engine, Work.MAPS.topic(), Map.of());
        Clients clients = new Clients(options, engine.baseUrl(), Surroundings.NONE);
        return backlog.drain(
                engine,
                0,
                () -> IntStream.rangeClosed(1, count)
                        .mapToObj(number -> clients.etd(number, Work.MAPS.routes()))
                        .toList(),
                Backlog.NONE);
    }

    @Override
    public void close() {
        engine.close();
    }
}
