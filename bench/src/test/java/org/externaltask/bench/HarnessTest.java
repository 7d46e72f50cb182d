package org.externaltask.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all questions rely on. */
class HarnessTest {

    private static final int TASKS = 500;

    @Test
    void the_bare_loop_completes_each_task_once() throws Exception {
        try (Stub stub = Stub.start(Work.MAPS.topic(), TASKS);
                Child bare = clients(stub).start(Clients.BARE, Work.COMPLETES)) {
            stub.release(TASKS);
            stub.awaitCompleted(TASKS, bare);
        }
    }

    @Test
    void camundas_java_client_completes_each_task_once_and_what_it_used_is_seen() throws Exception {
        try (Stub stub = Stub.start(Work.MAPS.topic(), TASKS);
                Child camunda = clients(stub).camunda(Work.MAPS, 1, 50)) {
            Stretch stretch = Stretch.begin(Stretch.parts(List.of(camunda), stub.process()));
            stub.release(TASKS);
            stub.awaitCompleted(TASKS, camunda);
            Map<String, Double> figures = stretch.perTask("tasks", TASKS);

            assertTrue(figures.get("tasks/s") > 0, figures::toString);
            assertTrue(figures.get("client CPU s per 1,000") > 0, figures::toString);
            assertTrue(figures.get("client peak MB") > 1, figures::toString);
            assertTrue(camunda.allocated() > 0);
        }
    }

    @Test
    void a_run_in_which_a_task_is_completed_twice_fails() throws Exception {
        try (Stub stub = Stub.start(Work.MAPS.topic(), 2)) {
            stub.release(1);
            URI engine = URI.create(stub.baseUrl() + "/");
            Map<String, Object> fetch =
                    Map.of("workerId", "w", "maxTasks", 1, "topics", List.of(Map.of("topicName", Work.MAPS.topic())));
            String id = Http.post(engine.resolve("external-task/fetchAndLock"), fetch)
                    .path(0)
                    .path("id")
                    .asText();
            URI complete = engine.resolve("external-task/" + id + "/complete");
            Http.post(complete, Map.of("workerId", "w"));
            Http.post(complete, Map.of("workerId", "w"));

            assertThrows(IllegalStateException.class, () -> stub.awaitCompleted(1, stub.process()));
        }
    }

    @Test
    void a_run_beside_others_is_not_quotable_unless_one_insists(@TempDir Path folder) {
        String out = folder.resolve("out.json").toString();
        Report report = new Report("test");
        report.add("a", Map.of("tasks/s", 1.0, Stretch.OTHERS, Report.BUSY + 0.01));

        assertEquals(3, report.print(options("--out", out)));
        assertEquals(0, report.print(options("--out", out, "--anyway")));
    }

    @Test
    void a_quiet_run_is_quotable(@TempDir Path folder) {
        Report report = new Report("test");
        report.add("a", Map.of("tasks/s", 1.0, Stretch.OTHERS, 0.0));

        assertEquals(0, report.print(options("--out", folder.resolve("out.json").toString())));
    }

    @Test
    void what_the_dispatcher_cannot_be_started_as_is_refused_with_what_it_can(@TempDir Path folder) throws Exception {
        String jar = Files.createFile(folder.resolve("etd.jar")).toString();
        Options options = new Options(new String[] {"--jar", jar}, Stream.of("jar"));

        Options.Wrong refused =
                assertThrows(Options.Wrong.class, () -> Program.all(List.of("jar", "tarball"), options));
        assertEquals(
                "the dispatcher cannot be started as 'tarball', only as [jar, unpacked, archive]",
                refused.getMessage());
    }

    @Test
    void a_percentile_is_a_value_that_was_seen() {
        long[] sorted = LongStream.rangeClosed(1, 200).map(ms -> ms * 1_000_000).toArray();

        assertEquals(100, Latency.percentile(sorted, 50));
        assertEquals(198, Latency.percentile(sorted, 99));
        assertEquals(200, Latency.percentile(sorted, 100));
    }

    @Test
    void who_is_looked_at_and_does_not_answer_fails_the_run() throws Exception {
        HttpServer dispatcher = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        dispatcher.createContext("/actuator/prometheus", exchange -> answer(exchange, 200));
        dispatcher.start();
        int port = dispatcher.getAddress().getPort();
        try (Watchers watchers = Watchers.of(port, 1, 1)) {
            Waiting.until(1, () -> failures(watchers), List.of());
            assertTrue(assertThrows(IllegalStateException.class, watchers::figures)
                    .getCause()
                    .getMessage()
                    .contains("/actuator/etd was answered 404"));

            dispatcher.createContext("/actuator/etd", exchange -> answer(exchange, 200));
            try (Watchers others = Watchers.of(port, 1, 1)) {
                Waiting.until(2, () -> others.figures().get("looks").intValue(), List.of());
                assertTrue(others.figures().get("scrapes") >= 1);
            }
        } finally {
            dispatcher.stop(0);
        }
    }

    private static Clients clients(Stub stub) {
        return new Clients(options(), stub.baseUrl(), Surroundings.NONE);
    }

    private static Options options(String... args) {
        return new Options(args, Stream.of("out"));
    }

    private static int failures(Watchers watchers) {
        try {
            watchers.figures();
            return 0;
        } catch (IllegalStateException e) {
            return 1;
        }
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }
}
