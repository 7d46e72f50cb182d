package org.externaltask.dispatcher.soak;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.externaltask.dispatcher.sandbox.EmbeddedEngine;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.FreePort;
import org.externaltask.dispatcher.sandbox.JavaProcess;

/** The engine of the tests in a JVM of its own, with its data in PostgreSQL, so that it can be killed and finds everything again. */
final class EngineProcess implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(120);

    private final Postgres postgres;
    private final Path logs;
    private final int port = FreePort.find();
    private final EngineClient client = new EngineClient(baseUrl());
    private int starts;
    private JavaProcess process;

    EngineProcess(Postgres postgres, Path logs) {
        this.postgres = postgres;
        this.logs = logs;
        start();
    }

    /** What runs in the JVM: {@code port setting…}. */
    public static void main(String[] args) {
        EmbeddedEngine.start(
                Integer.parseInt(args[0]), List.of(args).subList(1, args.length).toArray(String[]::new));
    }

    URI baseUrl() {
        return URI.create("http://localhost:" + port + "/engine-rest");
    }

    EngineClient client() {
        return client;
    }

    /** Kills it, and starts it again. */
    void killAndStart() {
        process.signal("KILL");
        process.awaitExit();
        process.close();
        start();
    }

    private void start() {
        List<String> arguments = new ArrayList<>(List.of(String.valueOf(port)));
        arguments.addAll(postgres.engineSettings());
        process = JavaProcess.start(
                EngineProcess.class, logs.resolve("engine-" + ++starts + ".log"), arguments, "-Xmx1g");
        Awaitility.await("start of the engine, see " + logs)
                .atMost(START)
                .failFast("the engine ended, see " + logs, () -> !process.isAlive())
                .ignoreExceptions()
                .until(() -> !client.version().isEmpty());
    }

    @Override
    public void close() {
        process.close();
    }
}
