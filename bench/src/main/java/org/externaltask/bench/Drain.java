package org.externaltask.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** How fast a backlog in a real engine is worked off. */
public final class Drain implements Question {

    private static final Set<String> OWN = Set.of("work", "tasks", "warm-up", "per-instance", Broker.OPTION);

    private final Options options;
    private final Work work;
    private final Backlog backlog;
    private final Engine engine;
    private final GatewayStub gateway = new GatewayStub(0);
    private final Broker broker;

    private Drain(Options options) {
        this.options = options;
        this.work = Work.of(options, Work.MAPS, Work.CALLS, Work.PUBLISHES);
        this.backlog = new Backlog(
                options.number("warm-up", 2_000),
                options.number("tasks", 10_000),
                0,
                options.number("per-instance", 50));
        this.broker = work == Work.PUBLISHES ? Broker.of(options) : null;
        this.engine = Engine.startWarm(options);
    }

    public static void main(String[] args) throws Exception {
        Question.ask("drain", args, Options.all(OWN, Engine.OPTIONS, Clients.OPTIONS), Drain::new);
    }

    @Override
    public List<String> participants() {
        // The bare loop knows nothing but the engine.
        Stream<String> able = Clients.ALL.stream().filter(client -> work == Work.MAPS || !client.equals(Clients.BARE));
        return options.list("participants", String.join(",", able.toList()));
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        engine.forget();
        if (broker != null) {
            broker.renew();
        }
        backlog.fill(engine, work.topic(), Map.of());
        Clients clients = new Clients(
                options, engine.baseUrl(), new Surroundings(gateway.url(), broker == null ? "" : broker.address()));
        return backlog.drain(engine, 0, () -> List.of(clients.start(participant, work)), tasks -> {
            if (work == Work.CALLS) {
                gateway.mustHaveBeenCalledFor(tasks);
            } else if (work == Work.PUBLISHES) {
                broker.mustHaveReceived(tasks);
            }
        });
    }

    @Override
    public void close() {
        engine.close();
        gateway.close();
        if (broker != null) {
            broker.close();
        }
    }
}
