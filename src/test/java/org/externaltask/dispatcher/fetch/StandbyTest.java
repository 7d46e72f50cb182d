package org.externaltask.dispatcher.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class StandbyTest {

    private final AtomicBoolean nothing = new AtomicBoolean(true);
    private final Standby standby = new Standby(nothing::get, Duration.ofHours(1));

    @Test
    void a_loop_sleeps_while_there_is_nothing_and_is_woken_by_what_comes() throws Exception {
        CompletableFuture<Void> loop = loop();

        nothing.set(false);
        standby.wake();
        loop.get(20, TimeUnit.SECONDS);
    }

    @Test
    void a_loop_that_could_find_something_does_not_sleep() throws Exception {
        nothing.set(false);

        CompletableFuture.runAsync(() -> sleep(standby)).get(20, TimeUnit.SECONDS);
    }

    @Test
    void a_stop_wakes_the_loop_and_lets_it_sleep_no_more() throws Exception {
        CompletableFuture<Void> loop = loop();

        standby.end();
        loop.get(20, TimeUnit.SECONDS);
        CompletableFuture.runAsync(() -> sleep(standby)).get(20, TimeUnit.SECONDS);
    }

    @Test
    void a_loop_that_nobody_wakes_comes_by_when_its_patience_ends() throws Exception {
        Standby impatient = new Standby(nothing::get, Duration.ofMillis(1));

        CompletableFuture.runAsync(() -> sleep(impatient)).get(20, TimeUnit.SECONDS);
    }

    /** A loop that sleeps. */
    private CompletableFuture<Void> loop() {
        CompletableFuture<Void> loop = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            sleep(standby);
            loop.complete(null);
        });
        thread.setDaemon(true);
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        assertThat(loop).isNotDone();
        return loop;
    }

    private static void sleep(Standby standby) {
        try {
            standby.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
