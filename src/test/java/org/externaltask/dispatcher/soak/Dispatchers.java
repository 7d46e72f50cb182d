package org.externaltask.dispatcher.soak;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.JavaProcess;

/** The dispatcher processes; one that ends is replaced at once. A fault always hits the one that has worked longest. */
final class Dispatchers implements AutoCloseable {

    private static final String STARTED = "Started DispatcherApplication";
    private static final Duration LATEST_START = Duration.ofMinutes(2);

    private final List<String> arguments;
    private final Path logs;
    private final Deque<JavaProcess> longestRunningFirst = new ArrayDeque<>();
    private final List<String> complaints = new ArrayList<>();
    private int starts;

    Dispatchers(List<String> arguments, Path logs) {
        this.arguments = arguments;
        this.logs = logs;
    }

    void start(int count) {
        List<JavaProcess> started = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            started.add(startOne());
        }
        started.forEach(one -> one.awaitSaid(STARTED));
    }

    void killOne() {
        JavaProcess victim = take();
        victim.signal("KILL");
        victim.awaitExit();
        victim.close();
        startOne();
    }

    void terminateOne() {
        JavaProcess victim = take();
        startOne();
        victim.signal("TERM");
        int exit = victim.awaitExit();
        victim.close();
        if (exit != 0) {
            complain("a dispatcher that got SIGTERM ended with " + exit);
        }
    }

    void haltOne(Duration time) {
        JavaProcess victim = take();
        victim.signal("STOP");
        Awaitility.await().pollDelay(time).atMost(time.plusSeconds(30)).until(() -> true);
        victim.signal("CONT");
        synchronized (this) {
            longestRunningFirst.add(victim);
        }
    }

    /** Those that ended although nobody ended them, and those that did not end well. */
    synchronized List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** Waits for one that works: to kill one that only starts proves little. */
    private JavaProcess take() {
        return Awaitility.await("a dispatcher that works").atMost(LATEST_START).until(this::working, Objects::nonNull);
    }

    private synchronized JavaProcess working() {
        Optional<JavaProcess> longest = longestRunningFirst.stream()
                .filter(one -> !one.isAlive() || one.log().contains(STARTED))
                .findFirst();
        longest.ifPresent(longestRunningFirst::remove);
        longest.filter(one -> !one.isAlive()).ifPresent(one -> complain("a dispatcher ended by itself"));
        return longest.orElse(null);
    }

    private synchronized JavaProcess startOne() {
        JavaProcess started = JavaProcess.start(
                DispatcherApplication.class, logs.resolve("dispatcher-" + ++starts + ".log"), arguments);
        longestRunningFirst.add(started);
        return started;
    }

    private synchronized void complain(String complaint) {
        complaints.add(complaint);
    }

    @Override
    public synchronized void close() {
        longestRunningFirst.forEach(JavaProcess::close);
    }
}
