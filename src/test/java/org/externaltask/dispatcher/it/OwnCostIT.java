package org.externaltask.dispatcher.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.springframework.context.ConfigurableApplicationContext;

/** What a task costs the dispatcher itself, in bytes allocated: unlike seconds, the same on a busy machine. */
@Tag("any-engine")
@DisabledForJreRange(min = JRE.JAVA_21, disabledReason = "no JVM counts what virtual threads allocate one by one")
class OwnCostIT {

    /** A third above what was measured when it was set; tighten it when the dispatcher gets cheaper. */
    private static final long BYTES_PER_TASK = 50_000;

    private static final int WARM_UP = 5_000;
    private static final int TASKS = 10_000;

    @Test
    void a_topic_that_only_maps_allocates_no_more_per_task_than_it_did() throws IOException {
        try (CountingEngine engine = new CountingEngine();
                ConfigurableApplicationContext dispatcher = Dispatcher.start(List.of(
                        "--server.port=0",
                        "--etd.routes=file:src/test/resources/owncost",
                        "--etd.engines.default.base-url=" + engine.url(),
                        "--etd.engines.default.max-tasks=100"))) {
            assertThat(dispatcher.isRunning()).isTrue();
            engine.supplyUpTo(WARM_UP);
            long before = allocated();
            engine.supplyUpTo(WARM_UP + TASKS);
            long perTask = (allocated() - before) / TASKS;

            assertThat(engine.wrong).isEmpty();
            assertThat(perTask).as("bytes allocated per task").isPositive().isLessThanOrEqualTo(BYTES_PER_TASK);
        }
    }

    /** What all threads have allocated but those of the engine. */
    private static long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null
                    && !thread.getThreadName().startsWith(CountingEngine.NAME)
                    && !thread.getThreadName().startsWith("HTTP-Dispatcher")) {
                sum += Math.max(0, threads.getThreadAllocatedBytes(thread.getThreadId()));
            }
        }
        return sum;
    }

    /** Hands out as many tasks as it is told to, and counts how each comes back. */
    private static final class CountingEngine implements AutoCloseable {

        static final String NAME = "counting-engine";
        private static final ObjectMapper JSON = new ObjectMapper();
        private static final Duration PATIENCE = Duration.ofMinutes(2);
        private static final String TASK = """
                {"id": "%s", "workerId": "%s", "topicName": "svc_Map", "activityId": "Map", "activityInstanceId": "Map:%1$s",
                 "executionId": "%1$s", "processInstanceId": "instance-%d", "processDefinitionId": "bench:1:1",
                 "processDefinitionKey": "bench", "lockExpirationTime": "2099-01-01T00:00:00.000+0000", "retries": null,
                 "suspended": false, "tenantId": null, "priority": 0, "businessKey": null, "extensionProperties": {},
                 "variables": {"customerNumber": {"type": "String", "value": "C-100", "valueInfo": {}},
                  "amount": {"type": "Integer", "value": 12, "valueInfo": {}},
                  "name": {"type": "String", "value": "Ada Lovelace", "valueInfo": {}}}}
                """;

        final Set<String> wrong = ConcurrentHashMap.newKeySet();
        private final AtomicInteger threads = new AtomicInteger();
        private final ExecutorService workers =
                Executors.newCachedThreadPool(work -> new Thread(work, NAME + "-" + threads.incrementAndGet()));
        private final HttpServer server;
        private final Set<String> completed = ConcurrentHashMap.newKeySet();
        private int next;
        private int supply;

        CountingEngine() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", this::answer);
            server.setExecutor(workers);
            server.start();
        }

        String url() {
            return "http://localhost:" + server.getAddress().getPort() + "/engine-rest";
        }

        void supplyUpTo(int tasks) {
            synchronized (this) {
                supply = tasks;
                notifyAll();
            }
            Awaitility.await("each task completed, or something wrong")
                    .atMost(PATIENCE)
                    .until(() -> completed.size() == tasks || !wrong.isEmpty());
        }

        private void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                String path = exchange.getRequestURI().getPath();
                byte[] body = exchange.getRequestBody().readAllBytes();
                if (path.endsWith("/fetchAndLock")) {
                    json(exchange, fetch(JSON.readTree(body)));
                } else if (path.endsWith("/complete")) {
                    String[] parts = path.split("/", -1);
                    if (!completed.add(parts[parts.length - 2])) {
                        wrong.add("completed twice: " + path);
                    }
                    exchange.sendResponseHeaders(204, -1);
                } else if (path.endsWith("/version")) {
                    json(exchange, "{\"version\": \"7.24.0\"}");
                } else if (exchange.getRequestMethod().equals("GET")) {
                    json(exchange, "[]");
                } else {
                    wrong.add("not expected: " + path);
                    exchange.sendResponseHeaders(204, -1);
                }
            }
        }

        private static void json(HttpExchange exchange, String text) throws IOException {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            byte[] bytes = text.getBytes(UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }

        private synchronized String fetch(JsonNode request) {
            try {
                if (next == supply) {
                    wait(500);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            int from = next;
            next = Math.min(supply, from + request.path("maxTasks").asInt());
            String worker = request.path("workerId").asText();
            return IntStream.range(from, next)
                    .mapToObj(i -> TASK.formatted("task-" + i, worker, i / 50))
                    .collect(Collectors.joining(",", "[", "]"));
        }

        @Override
        public void close() {
            server.stop(0);
            workers.shutdownNow();
        }
    }
}
