package org.externaltask.dispatcher.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Everything that the dispatcher works with and the dispatcher itself in one JVM: an engine with the processes of
 * {@code bpmn/}, a broker, a gateway, and the systems behind them. {@code mvn spring-boot:test-run} starts it.
 */
public final class Sandbox implements AutoCloseable {

    private static final Path PROCESSES = Path.of("bpmn");

    /** Up to so many instances of a pattern are reported each by itself. */
    private static final int ONE_BY_ONE = 20;

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private EmbeddedEngine engine;
    private Optional<EmbeddedEngine> inventory = Optional.empty();
    private RabbitMq broker;
    private StubGateway gateway;
    private ConfigurableApplicationContext dispatcher;

    private Sandbox() {}

    public static void main(String[] args) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new SimpleCommandLinePropertySource(args));
        try {
            SandboxSettings settings = SandboxSettings.from(environment);
            Sandbox sandbox = start(settings, args);
            SpringApplication.getShutdownHandlers().add(sandbox::close);
            sandbox.live(settings);
        } catch (SandboxSettings.Unusable e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    /** Starts all parts; the arguments go to the dispatcher. */
    public static Sandbox start(SandboxSettings settings, String... dispatcherArguments) {
        settings.requireFreePorts();
        Sandbox sandbox = new Sandbox();
        try {
            sandbox.startParts(settings, dispatcherArguments);
            return sandbox;
        } catch (RuntimeException e) {
            sandbox.close();
            throw e;
        }
    }

    public EmbeddedEngine engine() {
        return engine;
    }

    /** Where the broker is, the embedded one or a RabbitMQ. */
    public RabbitMq broker() {
        return broker;
    }

    public StubGateway gateway() {
        return gateway;
    }

    public ConfigurableApplicationContext dispatcher() {
        return dispatcher;
    }

    /** Where the console of the dispatcher is. */
    public URI console() {
        return URI.create("http://127.0.0.1:" + dispatcherPort() + "/");
    }

    private int dispatcherPort() {
        return ((ServletWebServerApplicationContext) dispatcher).getWebServer().getPort();
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                System.err.println("A part of the sandbox did not stop cleanly: " + e);
            }
        }
    }

    private void startParts(SandboxSettings settings, String... dispatcherArguments) {
        engine = part("engine", () -> EmbeddedEngine.start(settings.engine().port()));
        deployProcesses();
        if (settings.twoEngines()) {
            EmbeddedEngine second = part(
                    "engine of the inventory",
                    () -> EmbeddedEngine.start(settings.inventory().port()));
            second.client().deploy(PROCESSES.resolve("inventory-check.bpmn"));
            inventory = Optional.of(second);
        }
        broker = settings.rabbitMq()
                .orElseGet(() -> new RabbitMq(
                        "localhost",
                        part(
                                        "broker",
                                        () -> EmbeddedBroker.start(
                                                settings.broker().port()))
                                .port()));
        gateway = part("gateway", () -> StubGateway.start(settings.gateway().port()));
        part("warehouse", () -> Warehouse.open(broker.host(), broker.port()));
        part("workshop", () -> Workshop.open(broker.host(), broker.port()));
        part("suppliers", () -> Suppliers.open(broker.host(), broker.port()));
        part("task application", () -> TaskApplication.open(gateway, broker.host(), broker.port()));
        // Otherwise the dispatcher's own logging settings would not count: the engine's context came first.
        LoggingSystem.get(Sandbox.class.getClassLoader()).cleanUp();
        dispatcher =
                part("dispatcher", () -> startDispatcher(settings.dispatcher().port(), dispatcherArguments));
    }

    private Stream<String> secondEngine() {
        return inventory.stream()
                .flatMap(second -> Stream.of(
                        "--etd.engines.inventory.base-url=" + second.baseUrl(),
                        "--example.inventory-engine=inventory"));
    }

    private ConfigurableApplicationContext startDispatcher(int port, String... arguments) {
        return new SpringApplicationBuilder(DispatcherApplication.class)
                .main(DispatcherApplication.class)
                .profiles("dev")
                .run(Stream.of(
                                Stream.of(arguments),
                                secondEngine(),
                                Stream.of(
                                        "--spring.config.additional-location=classpath:sandbox/logging.yaml",
                                        "--server.address=127.0.0.1",
                                        "--server.port=" + port,
                                        "--etd.engines.default.base-url=" + engine.baseUrl(),
                                        "--etd.gateways.default.base-url=" + gateway.baseUrl(),
                                        "--spring.rabbitmq.host=" + broker.host(),
                                        "--spring.rabbitmq.port=" + broker.port(),
                                        "--spring.rabbitmq.username=guest",
                                        "--spring.rabbitmq.password=guest"))
                        .flatMap(all -> all)
                        .toArray(String[]::new));
    }

    private void deployProcesses() {
        try (Stream<Path> files = Files.list(PROCESSES)) {
            files.filter(file -> file.toString().endsWith(".bpmn")).sorted().forEach(engine.client()::deploy);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The example processes were not found; start the sandbox in the project's folder, where "
                            + PROCESSES + "/ is",
                    e);
        }
    }

    private <T extends AutoCloseable> T part(String name, Supplier<T> start) {
        long before = System.nanoTime();
        T part = start.get();
        parts.push(part);
        Duration took = Duration.ofNanos(System.nanoTime() - before);
        say("sandbox: the %s started in %.1f s".formatted(name, took.toMillis() / 1000.0));
        return part;
    }

    /** Prints where everything is, and from then on what happens to the processes. */
    private void live(SandboxSettings settings) {
        System.out.println(whereEverythingIs(settings));
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        parts.push(clock::shutdownNow);
        if (settings.instances() <= ONE_BY_ONE || settings.pattern().isEmpty()) {
            repeat(clock, Duration.ofMillis(500), new ProcessNews(engine.client(), Sandbox::say));
            inventory.ifPresent(
                    second -> repeat(clock, Duration.ofMillis(500), new ProcessNews(second.client(), Sandbox::say)));
        }
        settings.pattern()
                .ifPresentOrElse(
                        pattern ->
                                repeat(clock, Duration.ofMillis(500), run(pattern, settings.instances(), Sandbox::say)),
                        () -> inventory.ifPresent(
                                second -> repeat(clock, Duration.ofSeconds(5), new StockedOrders(engine.client()))));
        if (settings.orders()) {
            repeat(clock, Duration.ofSeconds(5), new OrderSource(engine.client()));
        }
    }

    /** Shows a pattern: to be run again and again, until it is over. */
    PatternRun run(Pattern pattern, int instances, Consumer<String> lines) {
        EmbeddedEngine other = inventory.orElse(engine);
        return new PatternRun(pattern, instances, engine.client(), other.client(), lines);
    }

    private static void repeat(ScheduledExecutorService clock, Duration pause, Runnable task) {
        Runnable safely = () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                say("sandbox: " + e.getMessage());
            }
        };
        var unused = clock.scheduleWithFixedDelay(safely, 1_000, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private String whereEverythingIs(SandboxSettings settings) {
        return """

                The sandbox of the External Task Dispatcher is up. Ctrl-C ends it.

                  Cockpit      %s   (user demo, password demo)
                  Tasklist     %s
                  engine       %s   (%s)
                  gateway      %s   (stubs: /__admin/mappings)
                  broker       amqp://guest:guest@%s:%d
                  dispatcher   http://localhost:%d/actuator/health

                Start an order:

                  curl -X POST %s/process-definition/key/order-handling/start \\
                    -H 'Content-Type: application/json' \\
                    -d '{"businessKey": "O-1", "variables": {"orderNumber": {"value": "O-1"}, "customerNumber": {"value": "C-1"}}}'

                The gateway knows every customer but C-404; for C-503 it is out of order.

                Start a request for approval; up to 1000 is approved, up to 10000 rejected, and on more nobody decides:

                  curl -X POST %s/process-definition/key/approve-request/start \\
                    -H 'Content-Type: application/json' \\
                    -d '{"businessKey": "A-1", "variables": {"item": {"value": "bolts"}, "amount": {"value": 100}}}'

                %s
                """.formatted(
                        engine.webApp("cockpit"),
                        engine.webApp("tasklist"),
                        engine.baseUrl(),
                        engine.product(),
                        gateway.baseUrl(),
                        broker.host(),
                        broker.port(),
                        dispatcherPort(),
                        engine.baseUrl(),
                        engine.baseUrl(),
                        whatHappensByItself(settings));
    }

    private static String whatHappensByItself(SandboxSettings settings) {
        if (settings.pattern().isPresent()) {
            return "The pattern %s is shown with %d process instances. Others: SANDBOX_PATTERN=%s"
                    .formatted(
                            settings.pattern().get().word(),
                            settings.instances(),
                            Pattern.words().replace(", ", "|"));
        }
        return settings.orders()
                ? "An order is placed every five seconds; SANDBOX_ORDERS=false mvn spring-boot:test-run starts without."
                : "No orders are placed by themselves, because sandbox.orders is false.";
    }

    private static void say(String line) {
        System.out.println(CLOCK.format(LocalTime.now(ZoneId.systemDefault())) + "  " + line);
    }
}
