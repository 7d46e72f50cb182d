package org.externaltask.dispatcher.operations.api;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import jakarta.annotation.PreDestroy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** How much happened per minute in the last minute: looks at the meters every five seconds, so that no task has to do anything for it. */
@Component
class Rates {

    private static final List<String> METERS = List.of("etd.tasks", "etd.gateway", "etd.publish");
    private static final int SECONDS = 5;
    private static final int LOOKS = 60 / SECONDS;

    private final Figures figures;
    private final LongSupplier clock;
    private final ScheduledExecutorService looks;
    private final Deque<Look> window = new ArrayDeque<>();

    /** What the meters had counted at one time; what is missing had counted nothing. */
    private record Look(long nanos, Map<Meter.Id, Double> counts) {}

    @Autowired
    Rates(Figures figures) {
        this(figures, System::nanoTime);
    }

    Rates(Figures figures, LongSupplier clock) {
        this.figures = figures;
        this.clock = clock;
        window.add(new Look(clock.getAsLong(), Map.of()));
        looks = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "rates");
            thread.setDaemon(true);
            return thread;
        });
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        var unused = looks.scheduleAtFixedRate(this::look, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    @PreDestroy
    void close() {
        looks.shutdownNow();
    }

    void look() {
        Map<Meter.Id, Double> counts = new HashMap<>();
        METERS.forEach(name -> figures.meters(name).forEach(meter -> counts.put(meter.getId(), count(meter))));
        synchronized (this) {
            window.addLast(new Look(clock.getAsLong(), counts));
            while (window.size() > LOOKS) {
                window.removeFirst();
            }
        }
    }

    /** How often these meters counted something, per minute. */
    double perMinute(String meter, String... tags) {
        Look first;
        synchronized (this) {
            first = window.getFirst();
        }
        double more = figures.meters(meter, tags).stream()
                .mapToDouble(found -> count(found) - first.counts().getOrDefault(found.getId(), 0.0))
                .sum();
        double minutes = (clock.getAsLong() - first.nanos()) / (double) TimeUnit.MINUTES.toNanos(1);
        return minutes <= 0 ? 0 : Figures.rounded(more / minutes);
    }

    private static double count(Meter meter) {
        return meter instanceof Timer timer ? timer.count() : meter instanceof Counter counter ? counter.count() : 0;
    }
}
