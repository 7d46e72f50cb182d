package org.externaltask.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** A real engine in a process of its own, which counts what it answers; see {@code bench/engine}. */
final class Engine implements AutoCloseable {

    /** The options that choose it. */
    static final Set<String> OPTIONS = Set.of("engine", "database", EngineWarmUp.OPTION);

    private static final List<String> PRODUCTS = List.of("operaton", "camunda");
    private static final int STARTERS = 4;

    private final URI root;
    private final Child process;
    private final ExecutorService starters = Executors.newFixedThreadPool(STARTERS);

    private Engine(int port, Child process) {
        this.root = URI.create("http://127.0.0.1:" + port + "/");
        this.process = process;
    }

    /** One that has done tasks before, as one in production has. */
    static Engine startWarm(Options options) {
        Engine engine = start(options);
        try {
            new EngineWarmUp(engine, options).run();
            return engine;
        } catch (Exception e) {
            engine.close();
            throw new IllegalStateException("the engine could not be warmed up, see results/engine.log", e);
        }
    }

    static Engine start(Options options) {
        String product = options.choice("engine", PRODUCTS);
        Path built = Home.of("engine/target");
        int port = Child.freePort();
        Child process = Child.ofClassPath(
                "engine",
                built.resolve("engine.jar") + ":" + built.resolve(product) + "/*",
                "org.externaltask.bench.engine.BenchEngine",
                List.of("-Xmx2g"),
                port,
                options.text("database", "h2"));
        Engine engine = new Engine(port, process);
        try {
            Http.whenStarted(engine.rest("version"), process);
            engine.deploy(Home.of("bpmn/bench.bpmn"));
            return engine;
        } catch (Exception e) {
            engine.close();
            throw new IllegalStateException("the engine did not start, see results/engine.log", e);
        }
    }

    String baseUrl() {
        return root.resolve("engine-rest").toString();
    }

    Child process() {
        return process;
    }

    /** Starts instances of a process; each has the business key {@code B-<number>}. */
    void begin(String process, int instances, IntFunction<Map<String, Object>> variables) throws Exception {
        List<Future<?>> begun = IntStream.range(0, instances)
                .<Future<?>>mapToObj(i -> starters.submit(() -> {
                    begin(process, "B-" + i, variables.apply(i));
                    return null;
                }))
                .toList();
        for (Future<?> one : begun) {
            try {
                one.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("cannot start an instance of " + process, e.getCause());
            }
        }
    }

    void begin(String process, String businessKey, Map<String, Object> variables)
            throws IOException, InterruptedException {
        Map<String, Object> typed = new HashMap<>();
        variables.forEach((name, value) -> typed.put(
                name,
                value instanceof Json json ? Map.of("type", "Json", "value", json.text) : Map.of("value", value)));
        Http.post(
                rest("process-definition/key/" + process + "/start"),
                Map.of("businessKey", businessKey, "variables", typed));
    }

    /** The value of a variable that is stored as JSON. */
    record Json(String text) {}

    /** How the engine answered since it was last told to forget. */
    JsonNode answers() throws IOException, InterruptedException {
        return Http.get(root.resolve("bench/counts"));
    }

    int answers(String kind) throws IOException, InterruptedException {
        return answers().path(kind).asInt();
    }

    /**
     * Empties the engine, and begins to count anew; once the polls of clients that are gone are over, because the next tasks would
     * be locked for them.
     */
    void forget() throws Exception {
        Waiting.until(0, () -> -answers("openPolls"), List.of(process));
        Http.get(root.resolve("bench/forget"));
    }

    /** How many there are by the engine's own count, for example of {@code process-instance}. */
    int count(String resource) throws IOException, InterruptedException {
        String query = resource.contains("?") ? resource.replace("?", "/count?") : resource + "/count";
        return Http.get(rest(query)).path("count").asInt();
    }

    /** Fails unless each of so many tasks is either left or was completed once, nothing was refused and nothing reported as failed. */
    void mustAddUp(int tasks) throws Exception {
        JsonNode answers = answers();
        int completed = answers.path("completed").asInt();
        int logged = count("history/external-task-log?successLog=true");
        int left = count("external-task");
        if (completed + left != tasks
                || logged != completed
                || answers.path("refused").asInt() != 0
                || answers.path("failed").asInt() != 0) {
            throw new IllegalStateException("each of " + tasks + " tasks should be completed once or left, but " + left
                    + " are left, " + logged + " are completed by the engine's log, and it answered " + answers);
        }
    }

    /** Fails when something is left that should have ended. */
    void mustBeDone() throws Exception {
        int tasks = count("external-task");
        int instances = count("process-instance");
        if (tasks != 0 || instances != 0) {
            throw new IllegalStateException("left in the engine: " + tasks + " tasks, " + instances + " instances");
        }
    }

    private URI rest(String path) {
        return root.resolve("engine-rest/" + path);
    }

    private void deploy(Path bpmn) throws IOException, InterruptedException {
        String boundary = "bench-boundary";
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(
                ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"deployment-name\"\r\n\r\nbench\r\n--"
                                + boundary + "\r\nContent-Disposition: form-data; name=\"data\"; filename=\""
                                + bpmn.getFileName() + "\"\r\nContent-Type: application/xml\r\n\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        body.writeBytes(Files.readAllBytes(bpmn));
        body.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        Http.send(HttpRequest.newBuilder(rest("deployment/create"))
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())));
    }

    @Override
    public void close() {
        starters.shutdownNow();
        process.close();
    }
}
