package org.externaltask.bench;

import java.util.List;
import java.util.Map;

/**
 * Has an engine do tasks that are not measured, in bursts. An engine that has just started needs several times the CPU for a task, and
 * its compiler, which shares the cores with everybody, gets on only in the pauses.
 */
final class EngineWarmUp {

    static final String OPTION = "engine-warm-up";

    private static final int BURST = 2_000;
    private static final int PER_INSTANCE = 50;
    private static final double IDLE = 0.1;

    private final Engine engine;
    private final Clients clients;
    private final int tasks;

    EngineWarmUp(Engine engine, Options options) {
        this.engine = engine;
        this.clients = new Clients(options, engine.baseUrl(), Surroundings.NONE);
        this.tasks = options.number(OPTION, 20_000);
    }

    void run() throws Exception {
        Backlog burst = new Backlog(0, BURST, 0, PER_INSTANCE);
        for (int left = tasks; left > 0; left -= BURST) {
            engine.forget();
            burst.fill(engine, Work.MAPS.topic(), Map.of());
            Map<String, Double> figures =
                    burst.drain(engine, 0, () -> List.of(clients.start(Clients.BARE, Work.MAPS)), Backlog.NONE);
            System.out.println("warm-up of the engine: " + Report.line(figures));
            awaitIdle();
        }
    }

    private void awaitIdle() throws InterruptedException {
        double used;
        do {
            double before = engine.process().cpu();
            Thread.sleep(1_000);
            used = engine.process().cpu() - before;
        } while (used > IDLE);
    }
}
