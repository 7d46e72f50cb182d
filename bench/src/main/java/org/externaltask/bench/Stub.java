package org.externaltask.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** The {@link StubEngine} in its process, from the side of who measures. */
final class Stub implements AutoCloseable {

    private final URI root;
    private final Child process;

    private Stub(URI root, Child process) {
        this.root = root;
        this.process = process;
    }

    static Stub start(String topic, int tasks) throws IOException, InterruptedException {
        int port = Child.freePort();
        Child process = Child.ofClass(
                "stub-engine", StubEngine.class, List.of("-Xmx256m", "-XX:+UseSerialGC"), port, topic, tasks);
        Stub stub = new Stub(URI.create("http://127.0.0.1:" + port + "/"), process);
        Http.whenStarted(stub.root.resolve("bench/counts"), process);
        return stub;
    }

    String baseUrl() {
        return root.resolve("engine-rest").toString();
    }

    Child process() {
        return process;
    }

    JsonNode counts() throws IOException, InterruptedException {
        return Http.get(root.resolve("bench/counts"));
    }

    /** Lets the first so many tasks be fetched. */
    void release(int upTo) throws IOException, InterruptedException {
        Http.get(root.resolve("bench/release/" + upTo));
    }

    /** Waits until so many tasks are completed, and fails when one was fetched or completed twice, or anything else came. */
    void awaitCompleted(int tasks, Child client) throws Exception {
        Waiting.until(tasks, () -> counts().path("completed").asInt(), List.of(process, client));
        JsonNode counts = counts();
        boolean clean = List.of("repeated", "unknown", "failed", "other").stream()
                .allMatch(count -> counts.path(count).asInt() == 0);
        if (!clean
                || counts.path("fetched").asInt() != tasks
                || counts.path("completed").asInt() != tasks) {
            throw new IllegalStateException(
                    "each of " + tasks + " tasks should be fetched and completed once: " + counts);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
