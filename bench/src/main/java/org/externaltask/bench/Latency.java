package org.externaltask.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** From the moment a task exists to the gateway's call. */
public final class Latency implements Question {

    private static final String IDLE = "idle";
    private static final String STREAM = "beside a stream";
    private static final String BACKLOG = "beside a backlog";
    private static final Set<String> OWN = Set.of("probes", "warm-up", "pause", "stream", "backlog");

    private final Options options;
    private final int probes;
    private final int warmUp;
    private final int pause;
    private final int stream;
    private final int backlog;
    private final Engine engine;

    private Latency(Options options) {
        this.options = options;
        this.probes = options.number("probes", 300);
        this.warmUp = options.number("warm-up", 200);
        this.pause = options.number("pause", 50);
        this.stream = options.number("stream", 100);
        this.backlog = options.number("backlog", 40_000);
        this.engine = Engine.startWarm(options);
    }

    public static void main(String[] args) throws Exception {
        Question.ask("latency", args, Options.all(OWN, Engine.OPTIONS, Clients.OPTIONS), Latency::new);
    }

    @Override
    public List<String> participants() {
        return options.list("participants", String.join(",", IDLE, STREAM, BACKLOG));
    }

    @Override
    public Map<String, Double> run(String participant) throws Exception {
        engine.forget();
        int waiting = participant.equals(BACKLOG) ? backlog : 0;
        int share = waiting > 0 ? 5 : 1; // each probe takes most of a second there, while the backlog shrinks
        int warmUp = this.warmUp / share;
        int probes = this.probes / share;
        new Backlog(0, waiting, 0, 50).fill(engine, Work.MAPS.topic(), Map.of());
        try (GatewayStub gateway = new GatewayStub(0);
                Child etd = new Clients(options, engine.baseUrl(), new Surroundings(gateway.url(), ""))
                        .etd(1, Work.PROBES.routes(), Work.MAPS.routes())) {
            try (Stream beside = new Stream(participant.equals(STREAM) ? stream : 0)) {
                probe("W-", warmUp, gateway, etd);
                Stretch stretch = Stretch.begin(Stretch.parts(List.of(etd), engine.process()));
                List<Probe> seen = probe("P-", probes, gateway, etd);
                Map<String, Double> figures = new LinkedHashMap<>();
                long[] answered =
                        seen.stream().mapToLong(Probe::sinceAnswered).sorted().toArray();
                long[] sent = seen.stream().mapToLong(Probe::sinceSent).sorted().toArray();
                figures.put("p50 ms", percentile(answered, 50));
                figures.put("p99 ms", percentile(answered, 99));
                figures.put("max ms", percentile(answered, 100));
                figures.put("p50 ms with the start call", percentile(sent, 50));
                figures.put("p99 ms with the start call", percentile(sent, 99));
                figures.putAll(stretch.perSecond());
                if (waiting > 0 && engine.count("external-task?topicName=" + Work.MAPS.topic()) == 0) {
                    throw new Options.Wrong("the backlog was done before the probes were: ask for more with --backlog");
                }
                beside.close();
                Waiting.until(warmUp + probes + beside.begun(), () -> engine.answers("completed"), List.of(etd));
                etd.close(); // it is still at the backlog, and no two counts would be of one time
                engine.mustAddUp(warmUp + probes + beside.begun() + waiting);
                return figures;
            }
        }
    }

    /** Times of {@link System#nanoTime()}: before the instance was started, when the engine said that it is, and at the gateway. */
    private record Probe(long sent, long answered, long called) {

        long sinceAnswered() {
            return called - answered;
        }

        long sinceSent() {
            return called - sent;
        }
    }

    private List<Probe> probe(String prefix, int count, GatewayStub gateway, Child etd) throws Exception {
        Probe[] seen = new Probe[count];
        for (int i = 0; i < count; i++) {
            String name = prefix + i;
            long sent = System.nanoTime();
            engine.begin("bench-single", name, Map.of("topic", Work.PROBES.topic(), "customerNumber", name));
            long answered = System.nanoTime();
            Waiting.until(1, () -> gateway.probes().containsKey(name) ? 1 : 0, List.of(etd));
            seen[i] = new Probe(sent, answered, gateway.probes().get(name));
            Thread.sleep(pause);
        }
        return Arrays.asList(seen);
    }

    static double percentile(long[] sorted, int percent) {
        int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
        return sorted[Math.max(rank, 1) - 1] / 1e6;
    }

    /** Begins instances evenly, until it is closed. */
    private final class Stream implements AutoCloseable {

        private final AtomicBoolean open = new AtomicBoolean(true);
        private final AtomicInteger begun = new AtomicInteger();
        private final Thread thread;

        Stream(int perSecond) {
            thread = new Thread(() -> begin(perSecond));
            if (perSecond > 0) {
                thread.start();
            }
        }

        private void begin(int perSecond) {
            Map<String, Object> variables =
                    Map.of("topic", Work.MAPS.topic(), "customerNumber", "C-100", "amount", 12, "name", "Ada Lovelace");
            long next = System.nanoTime();
            try {
                while (open.get()) {
                    engine.begin("bench-single", "S", variables);
                    begun.incrementAndGet();
                    next += 1_000_000_000 / perSecond;
                    LockSupport.parkNanos(Math.max(0, next - System.nanoTime()));
                }
            } catch (Exception e) {
                throw new IllegalStateException("the stream beside the probes has ended", e);
            }
        }

        int begun() {
            return begun.get();
        }

        @Override
        public void close() throws InterruptedException {
            open.set(false);
            thread.join();
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
