package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** What a dispatcher that stops leaves behind in the engine. */
@ExtendWith(OutputCaptureExtension.class)
@Tag("any-engine")
class StopIT {

    private final EngineClient engine = Surroundings.ENGINE.client();

    @AfterEach
    void forgetStubs() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    @Test
    void work_in_progress_ends_with_its_lock_extended_and_what_has_not_begun_stays_in_the_engine(CapturedOutput log) {
        Work.takes(Duration.ofSeconds(8));
        ConfigurableApplicationContext dispatcher = Dispatcher.start(Surroundings.ENGINE.baseUrl());
        List<String> instances =
                IntStream.range(0, 10).mapToObj(i -> Work.start("svc_LongWork")).toList();
        Work.awaitCalls(10);

        CompletableFuture<Void> stopped = CompletableFuture.runAsync(dispatcher::close);
        await().atMost(Work.SOON).until(() -> log.toString().contains("stopping: 10 tasks in work"));
        String tooLate = Work.start("svc_LongWork");
        stopped.orTimeout(40, TimeUnit.SECONDS).join();

        assertThat(instances).allMatch(engine::isEnded);
        assertThat(Work.calls()).hasSize(10);
        assertThat(Work.lockedTasks("svc_LongWork")).isEmpty();
        assertThat(Work.task(tooLate).path("retries").isNull()).isTrue();
        assertThat(log.toString()).containsPattern("stopped: completed=10 unlocked=[01] abandoned=0");
        engine.cancel(tooLate);
    }

    @Test
    void a_task_that_the_open_poll_brings_while_the_dispatcher_stops_is_unlocked(CapturedOutput log)
            throws IOException {
        Work.takes(Duration.ZERO);
        CountDownLatch stopping = new CountDownLatch(1);
        try (RawEngine raw = new RawEngine()) {
            raw.nextFetch("default", client -> {
                awaitUnchecked(stopping);
                RawEngine.json("[{\"id\": \"late\", \"topicName\": \"svc_LongWork\", \"variables\": {}}]")
                        .send(client);
            });
            ConfigurableApplicationContext dispatcher = Dispatcher.start(URI.create(raw.baseUrl("default")));
            await().atMost(Work.SOON).until(() -> raw.asked("/default/external-task/fetchAndLock") > 0);

            CompletableFuture<Void> stopped = CompletableFuture.runAsync(dispatcher::close);
            await().atMost(Work.SOON).until(() -> log.toString().contains("stopping: 0 tasks in work"));
            stopping.countDown();
            stopped.orTimeout(40, TimeUnit.SECONDS).join();

            assertThat(raw.asked("/default/external-task/late/unlock")).isEqualTo(1);
            assertThat(Work.calls()).isEmpty();
            assertThat(log).contains("stopped: completed=0 unlocked=1 abandoned=0");
        }
    }

    @Test
    void work_that_does_not_end_within_the_grace_time_is_abandoned_and_costs_no_retry(CapturedOutput log) {
        Work.takes(Duration.ofSeconds(10));
        String instance;
        try (ConfigurableApplicationContext dispatcher = Dispatcher.start(
                Surroundings.ENGINE.baseUrl(),
                "--spring.lifecycle.timeout-per-shutdown-phase=1s",
                "--camel.main.shutdown-timeout=1")) {
            assertThat(dispatcher.isRunning()).isTrue();
            instance = Work.start("svc_LongWork");
            Work.awaitCalls(1);
        }

        assertThat(log).contains("stopped: completed=0 unlocked=0 abandoned=1");
        await().during(Duration.ofSeconds(3)).atMost(Work.SOON).until(() -> Work.failures(instance)
                .isEmpty());
        await().atMost(Work.SOON).until(() -> Work.lockedTasks("svc_LongWork").isEmpty());
        assertThat(Work.task(instance).path("retries").isNull()).isTrue();
        engine.cancel(instance);
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
