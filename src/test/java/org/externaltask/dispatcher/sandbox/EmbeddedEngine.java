package org.externaltask.dispatcher.sandbox;

import java.net.URI;
import java.time.Duration;
import java.util.Date;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

/**
 * A BPMN engine with its REST API and web apps in a Spring context of its own: Operaton, or Camunda 7 with
 * {@code -Pcamunda}. Its settings are in {@code sandbox/engine.yaml}, with an empty database for each start.
 */
public final class EmbeddedEngine implements AutoCloseable {

    private static final String DEFAULT = "default";
    private static final AtomicInteger STARTED = new AtomicInteger();
    private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();

    private final String name;
    private final ConfigurableApplicationContext context;
    private final URI root;

    private EmbeddedEngine(String name, ConfigurableApplicationContext context, int port) {
        this.name = name;
        this.context = context;
        this.root = URI.create("http://localhost:" + port);
    }

    /**
     * Starts an engine.
     *
     * @param port 0 takes a free one
     * @param more settings that {@code sandbox/engine.yaml} does not have, or has otherwise, as program arguments
     */
    public static EmbeddedEngine start(int port, String... more) {
        // Engines of one JVM find each other by name: with the same one, both REST APIs would serve the first engine.
        String name = NAMES.add(DEFAULT) ? DEFAULT : "engine" + STARTED.incrementAndGet();
        try {
            ConfigurableApplicationContext context = new SpringApplicationBuilder(Parts.class)
                    .registerShutdownHook(false)
                    .run(Stream.concat(
                                    Stream.of(
                                            "--spring.config.location=classpath:sandbox/engine.yaml,classpath:sandbox/logging.yaml",
                                            "--server.port=" + port,
                                            "--sandbox.engine.name=" + name),
                                    Stream.of(more))
                            .toArray(String[]::new));
            return new EmbeddedEngine(
                    name,
                    context,
                    ((ServletWebServerApplicationContext) context)
                            .getWebServer()
                            .getPort());
        } catch (RuntimeException e) {
            NAMES.remove(name);
            throw e;
        }
    }

    /** Where the REST API is, as in {@code etd.engines.default.base-url}. */
    public URI baseUrl() {
        return root.resolve(name.equals(DEFAULT) ? "/engine-rest" : "/engine-rest/engine/" + name);
    }

    /** Where a web app is: {@code cockpit}, {@code tasklist} or {@code admin}. */
    public URI webApp(String app) {
        return root.resolve((isOperaton() ? "/operaton" : "/camunda") + "/app/" + app + "/" + name + "/");
    }

    public EngineClient client() {
        return new EngineClient(baseUrl());
    }

    /** Which engine this is, for people. */
    public String product() {
        return (isOperaton() ? "Operaton " : "Camunda ") + client().version();
    }

    /** Sets the clock of the engine, for all engines of this JVM; zero sets it right again. */
    public static void clockIsWrongBy(Duration offset) {
        clock("reset");
        if (!offset.isZero()) {
            clock("offset", offset.toMillis());
        }
    }

    /** Stops the clock of the engine, for all engines of this JVM, while something is done. */
    public static void whileTheClockStands(Runnable something) {
        clock("setCurrentTime", new Date());
        try {
            something.run();
        } finally {
            clock("reset");
        }
    }

    private static void clock(String method, Object... arguments) {
        String clock = (isOperaton() ? "org.operaton" : "org.camunda") + ".bpm.engine.impl.util.ClockUtil";
        try {
            Class<?> type = ClassUtils.forName(clock, EmbeddedEngine.class.getClassLoader());
            Class<?>[] types = Stream.of(arguments).map(Object::getClass).toArray(Class<?>[]::new);
            type.getMethod(method, types).invoke(null, arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(clock + " has changed", e);
        }
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    @Override
    public void close() {
        context.close();
        NAMES.remove(name);
    }

    private static boolean isOperaton() {
        return ClassUtils.isPresent("org.operaton.bpm.engine.ProcessEngine", EmbeddedEngine.class.getClassLoader());
    }

    /** Not a {@code @Configuration}, or the dispatcher's component scan would find it. */
    @EnableAutoConfiguration
    static class Parts {}
}
