package org.externaltask.dispatcher.soak;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.externaltask.dispatcher.sandbox.EngineClient;

/** Starts the process instances, one for each order number, at an even pace; while the engine is away it tries again. */
final class Orders implements AutoCloseable {

    static final String PROCESS = "soak-order";

    private static final Duration NEXT_TRY = Duration.ofSeconds(1);
    private static final int AT_ONCE = 8;

    private final EngineClient engine;
    private final ScheduledExecutorService clerks = Executors.newScheduledThreadPool(AT_ONCE);
    private final Set<String> numbers = ConcurrentHashMap.newKeySet();
    private final CountDownLatch missing;

    Orders(EngineClient engine, int count) {
        this.engine = engine;
        this.missing = new CountDownLatch(count);
    }

    void start(List<String> orderNumbers, Duration time) {
        double pause = (double) time.toNanos() / orderNumbers.size();
        IntStream.range(0, orderNumbers.size())
                .forEach(i -> later(Duration.ofNanos((long) (pause * i)), () -> start(orderNumbers.get(i))));
    }

    void awaitStarted(Duration atMost) throws InterruptedException {
        if (!missing.await(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(missing.getCount() + " instances could not be started");
        }
    }

    /** The order numbers whose instances the engine has confirmed. */
    Set<String> numbers() {
        return numbers;
    }

    private void start(String number) {
        try {
            engine.startProcess(PROCESS, number, Map.of("orderNumber", number));
            started(number);
        } catch (UncheckedIOException | EngineClient.Refused e) {
            later(NEXT_TRY, () -> startUnlessThere(number));
        }
    }

    /** An engine that was killed before its answer may have started the instance, or not. */
    private void startUnlessThere(String number) {
        try {
            if (isThere(number)) {
                started(number);
            } else {
                start(number);
            }
        } catch (UncheckedIOException | EngineClient.Refused e) {
            later(NEXT_TRY, () -> startUnlessThere(number));
        }
    }

    private boolean isThere(String number) {
        return engine.get("/history/process-instance/count?processInstanceBusinessKey=" + number)
                        .path("count")
                        .asInt()
                > 0;
    }

    private void started(String number) {
        if (numbers.add(number)) {
            missing.countDown();
        }
    }

    private void later(Duration delay, Runnable work) {
        var unused = clerks.schedule(work, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        clerks.shutdownNow();
    }
}
