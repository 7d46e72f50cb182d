package org.externaltask.dispatcher.sandbox;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.lang.reflect.Field;
import java.net.URI;
import java.time.Duration;
import java.util.Date;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.context.WebApplicationContext;

/**
 * A BPMN engine with its REST API and web apps in a Spring context of its own: Operaton, or Camunda 7 with
 * {@code -Pcamunda}. Its settings are in {@code sandbox/engine.yaml}, with an empty database for each start.
 */
public final class EmbeddedEngine implements AutoCloseable {

    private static final String DEFAULT = "default";
    private static final AtomicInteger STARTED = new AtomicInteger();
    private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();
    private static final Set<EmbeddedEngine> RUNNING = ConcurrentHashMap.newKeySet();

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
        return startNamed(NAMES.add(DEFAULT) ? DEFAULT : "engine" + STARTED.incrementAndGet(), port, more);
    }

    /** Starts an engine with a name of its own, for those who must know beforehand what its {@link #baseUrl(String, int)} will be. */
    public static EmbeddedEngine startAs(String name, int port) {
        Assert.state(NAMES.add(name), () -> "there is an engine " + name + " in this JVM");
        return startNamed(name, port);
    }

    /** @param name which no other engine of this JVM has: they find each other by name, and both REST APIs would serve the first one */
    private static EmbeddedEngine startNamed(String name, int port, String... more) {
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
            EmbeddedEngine engine = new EmbeddedEngine(
                    name,
                    context,
                    ((ServletWebServerApplicationContext) context)
                            .getWebServer()
                            .getPort());
            RUNNING.add(engine);
            return engine;
        } catch (RuntimeException e) {
            NAMES.remove(name);
            throw e;
        }
    }

    /** Where the REST API is, as in {@code etd.engines.default.base-url}. */
    public URI baseUrl() {
        return name.equals(DEFAULT) ? root.resolve("/engine-rest") : baseUrl(name, root.getPort());
    }

    /** Where the REST API of an engine is that has this name, or will have it. */
    public static URI baseUrl(String name, int port) {
        return URI.create("http://localhost:" + port + "/engine-rest/engine/" + name);
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
        Class<?> clock = typeOf("engine.impl.util.ClockUtil");
        try {
            Class<?>[] types = Stream.of(arguments).map(Object::getClass).toArray(Class<?>[]::new);
            clock.getMethod(method, types).invoke(null, arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(clock + " has changed", e);
        }
    }

    /** @param name without what the two products have before it */
    private static Class<?> typeOf(String name) {
        return ClassUtils.resolveClassName(
                (isOperaton() ? "org.operaton.bpm." : "org.camunda.bpm.") + name,
                EmbeddedEngine.class.getClassLoader());
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    @Override
    public void close() {
        RUNNING.remove(this);
        context.close();
        renewLongPolls();
        NAMES.remove(name);
    }

    /** The engines of a JVM share one thread that answers long polls, and the first engine that stops ends it for all, also later ones. */
    private static void renewLongPolls() {
        ServletContextListener longPolls = BeanUtils.instantiateClass(
                typeOf("engine.rest.impl.FetchAndLockContextListener"), ServletContextListener.class);
        Field thread = ReflectionUtils.findField(longPolls.getClass(), "fetchAndLockHandler");
        ReflectionUtils.makeAccessible(thread);
        ReflectionUtils.setField(thread, null, null);
        RUNNING.stream()
                .findAny()
                .map(engine -> ((WebApplicationContext) engine.context).getServletContext())
                .map(ServletContextEvent::new)
                .ifPresent(longPolls::contextInitialized);
    }

    private static boolean isOperaton() {
        return ClassUtils.isPresent("org.operaton.bpm.engine.ProcessEngine", EmbeddedEngine.class.getClassLoader());
    }

    /** Not a {@code @Configuration}, or the dispatcher's component scan would find it. */
    @EnableAutoConfiguration
    static class Parts {}
}
