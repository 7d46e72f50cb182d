package org.externaltask.dispatcher.meters;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventsTest {

    private final Events events = new Events();

    @Test
    void nothing_has_happened_at_first() {
        assertThat(events.latest()).isEmpty();
    }

    @Test
    void the_newest_comes_first() {
        add(1);
        add(2);

        assertThat(events.latest()).extracting(Events.Event::taskId).containsExactly("task-2", "task-1");
        assertThat(events.latest().get(0).atMillis()).isPositive();
    }

    @Test
    void only_the_latest_are_kept() {
        for (int i = 1; i <= 3 * Events.MOST + 7; i++) {
            add(i);
        }

        assertThat(events.latest())
                .extracting(Events.Event::taskId)
                .containsExactlyElementsOf(IntStream.range(0, Events.MOST)
                        .mapToObj(back -> "task-" + (3 * Events.MOST + 7 - back))
                        .toList());
    }

    @Test
    void events_of_many_threads_are_all_there() throws InterruptedException {
        int threads = 8;
        int each = Events.MOST / threads;
        CountDownLatch begin = new CountDownLatch(1);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        for (int t = 0; t < threads; t++) {
            int first = t * each;
            pool.execute(() -> {
                awaitUninterrupted(begin);
                IntStream.range(first, first + each).forEach(this::add);
            });
        }
        begin.countDown();
        pool.shutdown();

        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        Set<String> seen = events.latest().stream().map(Events.Event::taskId).collect(Collectors.toSet());
        assertThat(seen).hasSize(threads * each);
    }

    private void add(int number) {
        events.add("task-" + number, "instance", "key", "completed", 1, null);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
