package org.externaltask.bench;

import java.util.List;
import java.util.Map;

/** The rate of a topic alone, and beside one whose calls hang. */
final class HangingTopic implements Question {

    private static final String ALONE = "alone";
    private static final String BESIDE = "beside a hanging topic";

    private final Options options;
    private final Backlog backlog;
    private final GatewayStub gateway;
    private final Engine engine;

    HangingTopic(Options options) {
        this.options = options;
        this.backlog = new Backlog(options.number("warm-up", 2_000), options.number("tasks", 10_000), 0, 1);
        this.gateway = new GatewayStub(options.number("hang", 8_000));
        this.engine = Engine.startWarm(options);
    }

    @Override
    public List<String> participants() {
        return List.of(ALONE, BESIDE);
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        engine.forget();
        // More than can hang in the time of a run, so that all permits of the topic are taken throughout.
        Backlog hanging = new Backlog(0, participant.equals(BESIDE) ? 500 : 0, 0, 1);
        hanging.fill(engine, Work.HANGS.topic(), Map.of());
        backlog.fill(engine, Work.CALLS.topic(), Map.of());
        Clients clients = new Clients(options, engine.baseUrl(), new Surroundings(gateway.url(), ""));
        return backlog.drain(
                engine,
                hanging.all(),
                () -> List.of(clients.etd(1, Work.CALLS.routes(), Work.HANGS.routes())),
                Backlog.NONE);
    }

    @Override
    public void close() {
        engine.close();
        gateway.close();
    }
}
