package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.externaltask.dispatcher.sandbox.JavaProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.context.ConfigurableApplicationContext;

/** A dispatcher process that is stopped, killed and halted in the middle of its work. */
@Tag("any-engine")
class DispatcherProcessIT {

    private static final URI ENGINE = Surroundings.ENGINE.baseUrl();

    private final EngineClient engine = Surroundings.ENGINE.client();

    @AfterEach
    void forgetStubs() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    @Test
    void sigterm_lets_the_work_end_and_is_no_failure() throws Exception {
        Work.takes(Duration.ofSeconds(3));
        try (DispatcherProcess dispatcher = DispatcherProcess.start(ENGINE)) {
            String instance = Work.start("svc_LongWork");
            Work.awaitCalls(1);

            dispatcher.signal("TERM");

            assertThat(dispatcher.awaitExit()).as(dispatcher::log).isZero();
            assertThat(engine.isEnded(instance)).isTrue();
            assertThat(dispatcher.log()).contains("stopped: completed=1 unlocked=0 abandoned=0");
        }
    }

    @Test
    void sigterm_while_it_starts_is_no_failure_either(@TempDir Path folder) {
        try (JavaProcess dispatcher = JavaProcess.start(
                DispatcherApplication.class, folder.resolve("dispatcher.log"), Dispatcher.arguments(ENGINE))) {
            dispatcher.awaitSaid("topics loaded");

            dispatcher.signal("TERM");

            assertThat(dispatcher.awaitExit()).as(dispatcher::log).isZero();
            assertThat(dispatcher.log()).doesNotContain("Exception");
        }
    }

    @Test
    void a_dispatcher_that_cannot_start_says_so_by_its_exit_code(@TempDir Path folder) {
        List<String> arguments = Dispatcher.arguments(ENGINE);
        arguments.add("--etd.nonsense=1");
        try (JavaProcess dispatcher =
                JavaProcess.start(DispatcherApplication.class, folder.resolve("dispatcher.log"), arguments)) {
            assertThat(dispatcher.awaitExit()).as(dispatcher::log).isEqualTo(1);
        }
    }

    @Test
    void a_task_whose_dispatcher_is_killed_at_work_is_done_by_another_with_the_same_idempotency_key() throws Exception {
        Work.takes(Duration.ofSeconds(3));
        String instance;
        try (DispatcherProcess dispatcher = DispatcherProcess.start(ENGINE)) {
            instance = Work.start("svc_LongWork");
            Work.awaitCalls(1);
            dispatcher.signal("KILL");
            dispatcher.awaitExit();
        }
        String task = Work.taskId(instance);

        anotherDispatcherFinishes(instance);

        assertThat(Work.calls()).containsExactly(task, task);
    }

    @Test
    void a_task_that_was_locked_for_a_dispatcher_that_died_before_the_answer_waits_for_its_lock_and_no_longer()
            throws Exception {
        Work.takes(Duration.ZERO);
        String instance;
        try (FaultyLine line = new FaultyLine("localhost", ENGINE.getPort());
                DispatcherProcess dispatcher =
                        DispatcherProcess.start(URI.create("http://localhost:" + line.port() + ENGINE.getPath()))) {
            line.swallowAnswerWith("svc_LongWork");
            instance = Work.start("svc_LongWork");
            await().atMost(Work.SOON)
                    .until(() -> Work.task(instance).path("lockExpirationTime").isTextual());
            assertThat(lockEnd(instance)).isBeforeOrEqualTo(Instant.now().plusSeconds(2));
            dispatcher.signal("KILL");
            dispatcher.awaitExit();
        }

        anotherDispatcherFinishes(instance);

        assertThat(Work.calls()).hasSize(1);
    }

    @Test
    void a_task_whose_dispatcher_is_killed_between_gateway_and_completion_is_repeated_with_the_same_idempotency_key()
            throws Exception {
        Work.takes(Duration.ofSeconds(1));
        String instance;
        try (FaultyLine line = new FaultyLine("localhost", ENGINE.getPort());
                DispatcherProcess dispatcher =
                        DispatcherProcess.start(URI.create("http://localhost:" + line.port() + ENGINE.getPath()))) {
            instance = Work.start("svc_LongWork");
            Work.awaitCalls(1);
            line.cut();
            await().pollDelay(Duration.ofSeconds(2)).until(() -> true); // the gateway has answered
            dispatcher.signal("KILL");
            dispatcher.awaitExit();
        }
        String task = Work.taskId(instance);

        anotherDispatcherFinishes(instance);

        assertThat(Work.calls()).containsExactly(task, task);
        assertThat(engine.list("/history/external-task-log?successLog=true&processInstanceId=" + instance))
                .as("completed once")
                .hasSize(1);
    }

    @Test
    void a_task_whose_dispatcher_is_killed_between_confirm_and_completion_sends_its_message_again_with_the_same_id()
            throws Exception {
        Work.takes(Duration.ofSeconds(1));
        CachingConnectionFactory connections = new CachingConnectionFactory("localhost", Surroundings.BROKER.port());
        RabbitTemplate somebody = new RabbitTemplate(connections);
        somebody.setReceiveTimeout(Work.SOON.toMillis());
        new RabbitAdmin(connections).declareQueue(new Queue("tellings"));
        String instance;
        Message first;
        try (FaultyLine line = new FaultyLine("localhost", ENGINE.getPort());
                DispatcherProcess dispatcher =
                        DispatcherProcess.start(URI.create("http://localhost:" + line.port() + ENGINE.getPath()))) {
            instance = Work.start("msg_WorkAndTell");
            Work.awaitCalls(1);
            line.cut();
            first = somebody.receive("tellings");
            dispatcher.signal("KILL");
            dispatcher.awaitExit();
        }
        String task = Work.taskId(instance);

        anotherDispatcherFinishes(instance);

        Message second = somebody.receive("tellings");
        assertThat(List.of(first, second))
                .extracting(message -> message.getMessageProperties().getMessageId())
                .containsExactly(task, task);
        assertThat(engine.list("/history/external-task-log?successLog=true&processInstanceId=" + instance))
                .as("completed once")
                .hasSize(1);
        connections.destroy();
    }

    @Test
    void a_dispatcher_that_was_halted_for_longer_than_its_lock_does_not_report_what_somebody_else_has_taken_over()
            throws Exception {
        Work.takes(Duration.ofSeconds(2));
        try (DispatcherProcess dispatcher = DispatcherProcess.start(ENGINE)) {
            String instance = Work.start("svc_LongWork");
            Work.awaitCalls(1);
            String task = Work.taskId(instance);

            dispatcher.signal("STOP");
            await().atMost(Work.SOON).until(() -> !engine.post("/external-task/fetchAndLock", fetchAs("somebody-else"))
                    .isEmpty());
            dispatcher.signal("CONT");

            await().atMost(Work.SOON).until(() -> dispatcher
                    .log()
                    .contains("task " + task
                            + " of topic svc_LongWork is not locked for this process any more; its result is dropped"));
            assertThat(Work.failures(instance)).isEmpty();
            assertThat(Work.task(instance).path("workerId").asText()).isEqualTo("somebody-else");
            engine.post("/external-task/" + task + "/complete", Map.of("workerId", "somebody-else"));
            Work.awaitDone(instance);
        }
    }

    @Test
    void fetches_of_200_mb_do_not_break_a_dispatcher_with_a_heap_of_256_mb() throws Exception {
        Work.takes(Duration.ZERO);
        try (RawEngine large = new RawEngine();
                DispatcherProcess dispatcher = DispatcherProcess.start(URI.create(large.baseUrl("default")))) {
            for (int i = 0; i < 3; i++) {
                String batch = "batch-" + i;
                large.nextFetch("default", client -> tasksOf20Mb(batch, client.getOutputStream()));
                int times = i + 2;
                await().atMost(Work.SOON).untilAsserted(() -> assertThat(
                                dispatcher.log().split("answered 200 with more than 20971520 bytes", -1))
                        .as(dispatcher::log)
                        .hasSize(times));
            }
            large.nextFetch("default", RawEngine.json("[" + task("ordinary", "K-1") + "]"));

            await().atMost(Work.SOON).until(() -> large.asked("/default/external-task/ordinary/complete") == 1);
            assertThat(dispatcher.log()).doesNotContain("OutOfMemory");
        }
    }

    private static void tasksOf20Mb(String batch, OutputStream out) throws IOException {
        out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[".getBytes(StandardCharsets.US_ASCII));
        String value = "x".repeat(19_000_000);
        for (int i = 0; i < 10; i++) {
            out.write((task(batch + "-" + i, value) + ",").getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static String task(String id, String key) {
        return "{\"id\": \"%s\", \"topicName\": \"svc_LongWork\", \"variables\": {\"key\": {\"type\": \"String\", \"value\": \"%s\"}}}"
                .formatted(id, key);
    }

    private static Instant lockEnd(String instance) {
        return OffsetDateTime.parse(
                        Work.task(instance).path("lockExpirationTime").asText(),
                        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ"))
                .toInstant();
    }

    private static void anotherDispatcherFinishes(String instance) {
        try (ConfigurableApplicationContext other = Dispatcher.start(ENGINE)) {
            assertThat(other.isRunning()).isTrue();
            Work.awaitDone(instance);
        }
        assertThat(Work.failures(instance)).isEmpty();
    }

    private static Map<String, Object> fetchAs(String workerId) {
        return Map.of(
                "workerId",
                workerId,
                "maxTasks",
                1,
                "topics",
                List.of(Map.of("topicName", "svc_LongWork", "lockDuration", 60_000)));
    }
}
