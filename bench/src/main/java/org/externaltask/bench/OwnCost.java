package org.externaltask.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a client itself costs a task: against a stub engine that answers at once and counts every task. */
public final class OwnCost {

    private static final String TOPIC = "svc_Map";
    private static final long PATIENCE = 600_000_000_000L;

    private final Options options;
    private final int tasks;
    private final int warmUp;
    private final int maxTasks;
    private final int threads;
    private final HttpClient http = HttpClient.newHttpClient();

    private OwnCost(Options options) {
        this.options = options;
        this.tasks = options.number("tasks", 50_000);
        this.warmUp = options.number("warm-up", 20_000);
        this.maxTasks = options.number("max-tasks", 100);
        this.threads = options.number("threads", 4);
    }

    public static void main(String[] args) throws Exception {
        try {
            Set<String> known = Set.of("jar", "tasks", "warm-up", "max-tasks", "threads", "participants", "rounds", "jfr", "jvm", "routes", "out");
            System.exit(new OwnCost(new Options(args, known)).run());
        } catch (Options.Wrong e) {
            System.err.println("own-cost: " + e.getMessage());
            System.exit(2);
        }
    }

    private int run() throws Exception {
        List<String> participants = options.list("participants", "camunda-java,etd,bare");
        Report report = new Report(
                "own-cost", Map.of("tasks", tasks, "warmUp", warmUp, "maxTasks", maxTasks, "bareThreads", threads));
        for (int round = 0; round < options.number("rounds", 3); round++) {
            for (String participant : participants) {
                once(participant, report);
            }
        }
        return report.print(options);
    }

    private void once(String participant, Report report) throws Exception {
        int port = Child.freePort();
        String base = "http://127.0.0.1:" + port + "/engine-rest";
        try (Child stub = Child.ofClass(
                        "stub-engine", StubEngine.class, List.of("-Xmx256m", "-XX:+UseSerialGC"), port, TOPIC, warmUp + tasks);
                Child client = client(participant, base)) {
            URI control = URI.create("http://127.0.0.1:" + port + "/bench/");
            release(control, warmUp, stub);
            await(control, warmUp, stub, client);

            List<Long> ours = List.of(stub.pid(), client.pid(), ProcessHandle.current().pid());
            long allocated = client.allocated();
            double cpu = client.cpu();
            double stubCpu = stub.cpu();
            double all = Machine.cpuOfAll() - Machine.cpu(ours);
            long start = System.nanoTime();
            release(control, warmUp + tasks, stub);
            await(control, warmUp + tasks, stub, client);
            double seconds = (System.nanoTime() - start) / 1e9;
            double others = (Machine.cpuOfAll() - Machine.cpu(ours) - all) / seconds;

            double thousands = tasks / 1_000.0;
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("tasks/s", tasks / seconds);
            figures.put("CPU s per 1,000", (client.cpu() - cpu) / thousands);
            figures.put("kB allocated per task", (client.allocated() - allocated) / 1e3 / tasks);
            figures.put("peak MB", Machine.peakMemory(client.pid()) / 1048576.0);
            figures.put("stub CPU s per 1,000", (stub.cpu() - stubCpu) / thousands);
            report.add(participant, figures, Math.max(0, others));
        }
    }

    private Child client(String participant, String base) throws IOException {
        return switch (participant) {
            case "etd" -> Etd.start(options, base, options.text("routes", Home.of("routes/maps").toString()), maxTasks, List.of());
            case "camunda-java" -> Child.ofClass(
                    participant, CamundaJavaClient.class, List.of("-Xmx512m"), base, TOPIC, maxTasks, 1);
            case "bare" -> Child.ofClass(participant, BareLoop.class, List.of("-Xmx512m"), base, TOPIC, maxTasks, threads);
            default -> throw new Options.Wrong("there is no participant '" + participant + "'; there are: etd, camunda-java, bare");
        };
    }

    private void await(URI control, int completed, Child... children) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        JsonNode counts = counts(control, children);
        while (counts.path("completed").asInt() < completed) {
            for (Child child : children) {
                child.mustLive();
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not all of " + completed + " tasks were completed in time: " + counts);
            }
            Thread.sleep(20);
            counts = counts(control, children);
        }
        List<String> wrong = new ArrayList<>();
        for (String count : List.of("repeated", "unknown", "failed", "other")) {
            if (counts.path(count).asInt() != 0) {
                wrong.add(count);
            }
        }
        if (!wrong.isEmpty() || counts.path("fetched").asInt() != completed || counts.path("completed").asInt() != completed) {
            throw new IllegalStateException("each of " + completed + " tasks should be fetched and completed once: " + counts);
        }
    }

    private JsonNode counts(URI control, Child... children) throws Exception {
        return new ObjectMapper().readTree(call(control.resolve("counts"), children[0]));
    }

    private void release(URI control, int upTo, Child stub) throws Exception {
        call(control.resolve("release/" + upTo), stub);
    }

    /** Asks again while the stub engine starts. */
    private String call(URI uri, Child stub) throws Exception {
        for (int attempt = 0; ; attempt++) {
            try {
                return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body();
            } catch (IOException e) {
                stub.mustLive();
                if (attempt == 200) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }
}
