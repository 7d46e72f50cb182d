package org.externaltask.dispatcher.broker;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import jakarta.annotation.PreDestroy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.externaltask.dispatcher.engine.EngineConnection;
import org.externaltask.dispatcher.engine.EngineFault;
import org.externaltask.dispatcher.engine.EngineProbe;
import org.springframework.stereotype.Component;

/** Stops the consumers whose messages need an engine that is away, and starts them again when it answers. */
@Component
public class EngineWatch {

    private final EngineProbe probe;
    private final ScheduledExecutorService clock;
    private final Map<String, Watched> engines = new ConcurrentHashMap<>();

    EngineWatch(EngineProbe probe) {
        this.probe = probe;
        clock = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "engine-watch");
            thread.setDaemon(true);
            return thread;
        });
    }

    @PreDestroy
    void close() {
        clock.shutdownNow();
    }

    /** The queues that are not consumed, by the engine that is away. */
    public Map<String, List<String>> stopped() {
        Map<String, List<String>> stopped = new TreeMap<>();
        engines.forEach((engine, watched) -> {
            List<String> queues = watched.queues();
            if (!queues.isEmpty()) {
                stopped.put(engine, queues);
            }
        });
        return stopped;
    }

    /**
     * Stops a container whose message got no use out of an engine, if that is the engine's fault: it has the last word, because a
     * single message that makes it fail must not stop all the others.
     *
     * @return whether the container stops, and starts again by itself
     */
    boolean stopsFor(String engine, ReceivingContainer container) {
        return engines.computeIfAbsent(engine, Watched::new).stops(container);
    }

    private final class Watched {

        private final String engine;
        private final EngineConnection connection;
        private final Set<ReceivingContainer> stopped = new LinkedHashSet<>();

        private Watched(String engine) {
            this.engine = engine;
            connection = new EngineConnection(engine, "messages", "they stay in their queues");
        }

        private synchronized List<String> queues() {
            return stopped.stream()
                    .flatMap(container -> List.of(container.getQueueNames()).stream())
                    .sorted()
                    .toList();
        }

        private synchronized boolean stops(ReceivingContainer container) {
            if (stopped.isEmpty()) {
                if (answers()) {
                    return false;
                }
                askLater();
            }
            if (stopped.add(container)) {
                container.pause();
            }
            return true;
        }

        private boolean answers() {
            long started = System.nanoTime();
            Optional<EngineFault> problem = probe.problem(engine);
            problem.ifPresentOrElse(why -> connection.failed(why, started), () -> connection.answered(started));
            return problem.isEmpty();
        }

        private void askLater() {
            long pause = Math.max(0, connection.pauseNanos(System.nanoTime()));
            if (!clock.isShutdown()) {
                var unused = clock.schedule(this::ask, pause, NANOSECONDS);
            }
        }

        private synchronized void ask() {
            if (answers()) {
                stopped.forEach(ReceivingContainer::resume);
                stopped.clear();
            } else {
                askLater();
            }
        }
    }
}
