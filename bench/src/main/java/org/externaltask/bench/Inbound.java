package org.externaltask.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What comes from the broker: messages for processes that wait, and replies to tasks, beside tasks that only send. */
public final class Inbound implements Question {

    private static final String SEND = "send only";
    private static final String REPLIES = "request and reply";
    private static final String MESSAGES = "messages";
    private static final Set<String> OWN = Set.of("tasks", "warm-up", "per-instance", Broker.OPTION);

    private final Options options;
    private final Backlog backlog;
    private final Broker broker;
    private final Engine engine;

    private Inbound(Options options) {
        this.options = options;
        this.backlog = new Backlog(
                options.number("warm-up", 2_000),
                options.number("tasks", 10_000),
                0,
                options.number("per-instance", 50));
        this.broker = Broker.of(options);
        this.engine = Engine.startWarm(options);
    }

    public static void main(String[] args) throws Exception {
        Question.ask("inbound", args, Options.all(OWN, Engine.OPTIONS, Clients.OPTIONS), Inbound::new);
    }

    @Override
    public List<String> participants() {
        return options.list("participants", String.join(",", SEND, REPLIES, MESSAGES));
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        engine.forget();
        broker.renew();
        Clients clients = new Clients(options, engine.baseUrl(), new Surroundings("", broker.address()));
        return switch (participant) {
            case SEND -> tasks(Work.PUBLISHES, clients, broker::mustHaveReceived);
            case REPLIES -> replies(clients);
            case MESSAGES -> messages(clients);
            default -> throw new Options.Wrong("there is no participant '" + participant + "'");
        };
    }

    private Map<String, Double> replies(Clients clients) throws Exception {
        broker.reply();
        return tasks(Work.REPLIES, clients, tasks -> broker.mustBeEmpty());
    }

    private Map<String, Double> tasks(Work work, Clients clients, Backlog.Check check) throws Exception {
        backlog.fill(engine, work.topic(), Map.of());
        return backlog.drain(engine, 0, () -> List.of(clients.etd(1, work.routes())), check);
    }

    private Map<String, Double> messages(Clients clients) throws Exception {
        engine.begin("bench-told", backlog.all(), i -> Map.of());
        broker.tell(backlog.all());
        Map<String, Double> figures;
        try (Child etd = clients.etd(1, Home.of("routes/receives").toString())) {
            figures = backlog.measure(engine, "correlated", "tasks", List.of(etd));
        }
        engine.mustBeDone();
        if (engine.answers("correlated") != backlog.all() || engine.answers("refused") != 0) {
            throw new IllegalStateException(
                    "each message should be correlated once, but the engine answered " + engine.answers());
        }
        broker.mustBeEmpty();
        return figures;
    }

    @Override
    public void close() {
        engine.close();
        broker.close();
    }
}
