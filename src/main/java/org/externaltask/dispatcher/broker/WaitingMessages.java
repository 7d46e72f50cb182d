package org.externaltask.dispatcher.broker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.externaltask.dispatcher.meters.Tagged;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Knows how many messages of each queue wait in a retry queue because this process has put them there. The broker does not tell: all
 * queues share the retry queues. But a message stays there for a time that is known, so nobody has to see it leave.
 */
@Component
class WaitingMessages {

    private static final long STEP = TimeUnit.MILLISECONDS.toNanos(100);

    private final Tagged<Waiting> queues;

    @Autowired
    WaitingMessages(MeterRegistry registry) {
        this(registry, System::nanoTime);
    }

    WaitingMessages(MeterRegistry registry, LongSupplier nanos) {
        queues = Tagged.by(
                tags -> {
                    Waiting waiting = new Waiting(nanos);
                    Gauge.builder("etd.messages.waiting", waiting, Waiting::now)
                            .description("messages that this process has put into a retry queue")
                            .baseUnit("messages")
                            .tags(tags)
                            .register(registry);
                    return waiting;
                },
                "queue");
    }

    /** At zero, before anything waits. */
    void show(String queue) {
        queues.of(queue);
    }

    /** A message of a queue is in a retry queue now, and stays there for that long. */
    void put(String queue, Duration delay) {
        queues.of(queue).put(delay);
    }

    long of(String queue) {
        return queues.of(queue).now();
    }

    /** The messages of a queue by when they are due, in steps: of however many, there are few of these. */
    private static final class Waiting {

        private final long start;
        private final LongSupplier nanos;
        private final ConcurrentNavigableMap<Long, LongAdder> due = new ConcurrentSkipListMap<>();

        Waiting(LongSupplier nanos) {
            this.nanos = nanos;
            this.start = nanos.getAsLong();
        }

        void put(Duration delay) {
            forget();
            due.computeIfAbsent(step(delay.toNanos()) + 1, step -> new LongAdder())
                    .increment();
        }

        long now() {
            forget();
            return due.values().stream().mapToLong(LongAdder::sum).sum();
        }

        private void forget() {
            due.headMap(step(0), true).clear();
        }

        private long step(long later) {
            return (nanos.getAsLong() - start + later) / STEP;
        }
    }
}
