package org.externaltask.dispatcher.soak;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.externaltask.dispatcher.sandbox.OwnRabbitMq;
import org.externaltask.dispatcher.soak.Evidence.Incident;
import org.externaltask.dispatcher.soak.Evidence.Parked;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

/** One soak: all that takes part in it, the faults, and the operator who looks after it. */
final class SoakRun implements AutoCloseable {

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final Path TOPICS = Path.of("src/test/resources/soak");
    private static final String PARKING_QUEUE = "etd.parked";
    private static final int DISPATCHERS = 3;
    private static final Duration HALT = Duration.ofSeconds(8); // longer than the locks
    private static final Duration MESSAGE_TTL = Duration.ofSeconds(45); // longer than a lock and a start of the engine
    private static final Duration GATEWAY_FAULT = Duration.ofSeconds(3);
    private static final Duration LATEST_START = Duration.ofMinutes(3);
    private static final Duration LATEST_CALM = Duration.ofMinutes(4);

    private final SoakSettings settings;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Postgres postgres;
    private final EngineProcess engine;
    private final EngineHistory history;
    private final OwnRabbitMq rabbitMq;
    private final Gateway gateway;
    private final Vendor vendor;
    private final Dispatchers dispatchers;
    private final Orders orders;
    private final ScheduledExecutorService faults = Executors.newScheduledThreadPool(8);
    private final Map<Fault.Kind, Integer> faultsDone = new ConcurrentSkipListMap<>();
    private final Map<Cause, Integer> replayed = new TreeMap<>();
    private final Map<String, Long> tookSeconds = new TreeMap<>();

    SoakRun(SoakSettings settings, Path logs) {
        this.settings = settings;
        say("seed " + settings.seed() + "; again: " + settings.command());
        try {
            postgres = part(Postgres::withNewDatabase);
            engine = part(() -> new EngineProcess(postgres, logs));
            history = new EngineHistory(engine.client());
            engine.client().deploy(TOPICS.resolve("soak-order.bpmn"));
            rabbitMq = part(OwnRabbitMq::started);
            gateway = part(Gateway::new);
            vendor = part(() -> new Vendor(rabbitMq.host(), rabbitMq.port()));
            dispatchers = part(() -> new Dispatchers(dispatcherArguments(), logs));
            dispatchers.start(DISPATCHERS);
            orders = part(() -> new Orders(engine.client(), settings.instances()));
            parts.push(faults::shutdownNow);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Starts the instances while parts fail, and returns when all has settled or does not settle any more. */
    void run() throws InterruptedException, ExecutionException {
        say(settings.instances() + " instances in " + settings.faultTime().toSeconds() + " s");
        Random random = new Random(settings.seed());
        timed("faults", () -> {
            orders.start(
                    IntStream.range(0, settings.instances())
                            .mapToObj(number -> Ending.orderNumber(number, random))
                            .toList(),
                    settings.faultTime());
            failAsScheduled();
            orders.awaitStarted(LATEST_START);
        });
        say("the faults are over");
        timed("settling", this::settle);
        say("settled");
    }

    Evidence evidence() {
        return new Evidence(
                orders.numbers(),
                history.instances(),
                history.tasks(),
                history.openTasks(),
                history.incidents(),
                gateway.calls(),
                vendor.received(),
                vendor.sent(),
                parked(),
                left(),
                dispatchers.complaints());
    }

    Figures figures(Evidence evidence) {
        return new Figures(settings, evidence, faultsDone, replayed, tookSeconds);
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                say("a part of the soak did not stop cleanly: " + e);
            }
        }
    }

    private List<String> dispatcherArguments() {
        return List.of(
                "--spring.main.web-application-type=none", // three of them would need ports, and nobody asks them
                // anything
                "--etd.routes=file:" + TOPICS,
                "--etd.engines.default.base-url=" + engine.baseUrl(),
                "--etd.gateways.default.base-url=" + gateway.baseUrl(),
                "--etd.broker.message-ttl=" + MESSAGE_TTL.toSeconds() + "s",
                "--etd.broker.retry-delays=1s,5s",
                "--spring.rabbitmq.host=" + rabbitMq.host(),
                "--spring.rabbitmq.port=" + rabbitMq.port());
    }

    private void failAsScheduled() throws InterruptedException, ExecutionException {
        List<Future<?>> done = new ArrayList<>();
        for (Fault fault : Fault.schedule(settings)) {
            done.add(faults.schedule(() -> cause(fault.kind()), fault.at().toMillis(), TimeUnit.MILLISECONDS));
        }
        for (Future<?> fault : done) {
            fault.get();
        }
    }

    private void cause(Fault.Kind kind) {
        say(kind.toString());
        switch (kind) {
            case DISPATCHER_KILLED -> dispatchers.killOne();
            case DISPATCHER_TERMINATED -> dispatchers.terminateOne();
            case DISPATCHER_HALTED -> dispatchers.haltOne(HALT);
            case ENGINE_KILLED -> {
                synchronized (engine) {
                    engine.killAndStart();
                }
            }
            case BROKER_KILLED -> {
                synchronized (rabbitMq) {
                    rabbitMq.kill();
                    rabbitMq.start();
                }
            }
            case BROKER_RESTARTED -> {
                synchronized (rabbitMq) {
                    rabbitMq.stop();
                    rabbitMq.start();
                }
            }
            case BROKER_CONNECTIONS_CLOSED -> {
                synchronized (rabbitMq) {
                    rabbitMq.control("close_all_connections", "soak");
                }
            }
            case GATEWAY_ERRORS -> gatewayIs(Gateway.Mood.ERRORS);
            case GATEWAY_HANGS -> gatewayIs(Gateway.Mood.HANGS);
            case GATEWAY_RESETS -> gatewayIs(Gateway.Mood.RESETS);
        }
        faultsDone.merge(kind, 1, Integer::sum);
    }

    private void gatewayIs(Gateway.Mood mood) {
        gateway.be(mood);
        Awaitility.await()
                .pollDelay(GATEWAY_FAULT)
                .atMost(GATEWAY_FAULT.plusSeconds(30))
                .until(() -> true);
        gateway.be(Gateway.Mood.WELL);
    }

    private void settle() {
        try {
            Awaitility.await()
                    .atMost(LATEST_CALM.plus(settings.faultTime().dividedBy(2)))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(this::isCalm);
        } catch (ConditionTimeoutException e) {
            say("does not settle: " + history.unfinishedInstances() + " instances unfinished");
        }
    }

    private boolean isCalm() {
        long standing = history.incidents().stream()
                .filter(incident -> !replayed(incident))
                .count();
        return history.unfinishedInstances() == standing
                && left().values().stream().allMatch(count -> count == 0);
    }

    /** What an operator does about an incident whose cause has passed; whether it has. */
    private boolean replayed(Incident incident) {
        return Cause.of(incident.message())
                .filter(Cause::passes)
                .map(cause -> {
                    engine.client().put("/external-task/" + incident.task() + "/retries", Map.of("retries", 3));
                    replayed.merge(cause, 1, Integer::sum);
                    return true;
                })
                .orElse(false);
    }

    private Map<String, Integer> left() {
        Map<String, Integer> left = new TreeMap<>();
        rabbitMq.control("list_queues", "--quiet", "--no-table-headers", "name", "messages")
                .lines()
                .map(line -> line.split("\t", -1))
                .filter(columns -> columns.length == 2 && !columns[0].equals(PARKING_QUEUE))
                .forEach(columns -> left.put(columns[0], Integer.valueOf(columns[1])));
        return left;
    }

    private List<Parked> parked() {
        CachingConnectionFactory connections = new CachingConnectionFactory(rabbitMq.host(), rabbitMq.port());
        connections.setUsername("guest");
        connections.setPassword("guest");
        RabbitTemplate template = new RabbitTemplate(connections);
        List<Parked> parked = new ArrayList<>();
        for (Message message = template.receive(PARKING_QUEUE);
                message != null;
                message = template.receive(PARKING_QUEUE)) {
            parked.add(new Parked(
                    message.getMessageProperties().getMessageId(),
                    message.getMessageProperties().getHeader("etd-parked-reason")));
        }
        connections.destroy();
        return parked;
    }

    private <T extends AutoCloseable> T part(Supplier<T> start) {
        T part = start.get();
        parts.push(part);
        return part;
    }

    private interface Work {
        void run() throws InterruptedException, ExecutionException;
    }

    private void timed(String what, Work work) throws InterruptedException, ExecutionException {
        long before = System.nanoTime();
        work.run();
        tookSeconds.put(what, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - before));
    }

    private static void say(String what) {
        System.out.println("soak " + CLOCK.format(LocalTime.now(ZoneId.systemDefault())) + "  " + what);
    }
}
