package org.externaltask.dispatcher.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.JavaProcess;

/** A dispatcher in a JVM of its own, with the topics in {@code src/test/resources/leases}. */
final class DispatcherProcess implements AutoCloseable {

    private final JavaProcess process;
    private final Path log;

    private DispatcherProcess(JavaProcess process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it and waits until it is up. */
    static DispatcherProcess start(URI engine, String... more) throws IOException {
        List<String> arguments = Dispatcher.arguments(engine);
        arguments.addAll(List.of(more));
        Path log = Files.createTempFile("dispatcher", ".log");
        DispatcherProcess dispatcher =
                new DispatcherProcess(JavaProcess.start(DispatcherApplication.class, log, arguments), log);
        dispatcher.process.awaitSaid("Started DispatcherApplication");
        return dispatcher;
    }

    String log() {
        return process.log();
    }

    /** Sends it a signal by name: TERM, KILL, STOP or CONT. */
    void signal(String name) {
        process.signal(name);
    }

    int awaitExit() {
        return process.awaitExit();
    }

    @Override
    public void close() throws IOException {
        process.close();
        Files.deleteIfExists(log);
    }
}
