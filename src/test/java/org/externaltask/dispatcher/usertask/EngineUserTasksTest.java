package org.externaltask.dispatcher.usertask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EngineUserTasksTest {

    private final EngineUserTasks tasks = new EngineUserTasks("default", List::of, subscription -> 1);

    @Test
    void a_stop_wakes_the_poll_that_waits_for_something_to_do() {
        AtomicInteger polls = new AtomicInteger();
        Thread loop = new Thread(() -> {
            try {
                while (true) {
                    assertThat(tasks.next(Duration.ofHours(1))).isNull();
                    polls.incrementAndGet();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        loop.setDaemon(true);
        loop.start();
        await().until(() -> loop.getState() == Thread.State.TIMED_WAITING);
        assertThat(polls).hasValue(0);

        tasks.stop();

        await("it comes by again and again").until(() -> polls.get() > 1);
        loop.interrupt();
    }
}
