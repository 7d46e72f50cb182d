package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.TaskApplication;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** What a dispatcher knows of the user tasks that another one, or itself before it was stopped, has handed out. */
class UserTaskRestartIT {

    private static final Duration SOON = Duration.ofSeconds(60);

    private static TaskApplication application;

    private final EngineClient engine = Surroundings.ENGINE.client();

    @BeforeAll
    static void open() {
        application = TaskApplication.open(Surroundings.GATEWAY, "localhost", Surroundings.BROKER.port());
    }

    @AfterAll
    static void close() {
        application.close();
    }

    @Test
    void after_a_restart_nothing_is_handed_out_again_and_what_has_vanished_meanwhile_is_withdrawn() {
        String kept = start();
        String cancelled = start();
        try (ConfigurableApplicationContext first = dispatcher()) {
            assertThat(first.isRunning()).isTrue();
            awaitMark(kept, "done ");
            awaitMark(cancelled, "done ");
        }
        String task = task(kept);
        String withdrawn = task(cancelled);
        engine.cancel(cancelled);
        String later = start();

        try (ConfigurableApplicationContext second = dispatcher()) {
            assertThat(second.isRunning()).isTrue();
            awaitMark(later, "done "); // it comes after the others
            await().atMost(SOON).until(() -> application.calls("DELETE", withdrawn) == 1);
        }

        assertThat(application.calls("POST", task)).isEqualTo(1);
        assertThat(application.calls("DELETE", task)).isZero();
        cancel(List.of(kept, later));
    }

    @Test
    void two_dispatchers_share_the_tasks_and_the_one_that_is_left_takes_over_what_the_other_had_begun() {
        String begun = start();
        String task = task(begun);
        engine.put(
                "/task/" + task + "/localVariables/etdHandedOut",
                Map.of("type", "String", "value", "begun 2026-01-31T12:00:00Z a-dispatcher-that-died"));

        try (ConfigurableApplicationContext one = dispatcher();
                ConfigurableApplicationContext other = dispatcher()) {
            assertThat(List.of(one.isRunning(), other.isRunning())).containsOnly(true);
            awaitMark(begun, "done ");
            assertThat(application.calls("POST", task)).isPositive();
        }
        cancel(List.of(begun));
    }

    @Test
    void a_task_that_cannot_be_handed_out_becomes_an_incident_and_is_handed_out_when_its_mark_is_deleted() {
        String request = start();
        try (ConfigurableApplicationContext broken = Dispatcher.start(
                Surroundings.ENGINE.baseUrl(),
                "--etd.routes=classpath:routes",
                "--etd.gateways.default.base-url=" + Surroundings.GATEWAY.baseUrl() + "/no-such-place")) {
            assertThat(broken.isRunning()).isTrue();
            await().atMost(SOON).until(() -> !engine.incidents(request).isEmpty());
            awaitMark(request, "failed ");
        }
        assertThat(engine.incidents(request).get(0).path("incidentMessage").asText())
                .isEqualTo("POST /tasks on gateway default answered 404");

        engine.delete("/task/" + task(request) + "/localVariables/etdHandedOut");

        try (ConfigurableApplicationContext dispatcher = dispatcher()) {
            assertThat(dispatcher.isRunning()).isTrue();
            awaitMark(request, "done ");
        }
        cancel(List.of(request));
    }

    private static ConfigurableApplicationContext dispatcher() {
        return Dispatcher.start(Surroundings.ENGINE.baseUrl(), "--etd.routes=classpath:routes");
    }

    private String start() {
        return engine.startProcess(
                "approve-request",
                "A-" + UUID.randomUUID(),
                Map.of("item", "bolts", "amount", TaskApplication.DECIDED + 1));
    }

    private void cancel(List<String> requests) {
        requests.forEach(engine::cancel);
    }

    private String task(String request) {
        return engine.list("/history/task?processInstanceId=" + request)
                .get(0)
                .path("id")
                .asText();
    }

    private void awaitMark(String request, String state) {
        String task = task(request);
        await().atMost(SOON).untilAsserted(() -> assertThat(
                        engine.get("/task/" + task + "/localVariables").toString())
                .contains("\"" + state));
    }
}
