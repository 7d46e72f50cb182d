package org.externaltask.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Looks at a dispatcher as Prometheus and an open console do. What they use themselves is the measuring process's own. */
final class Watchers implements AutoCloseable {

    private final HttpClient http = HttpClient.newHttpClient();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
    private final AtomicInteger scrapes = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    private boolean somebody;

    private Watchers() {}

    static Watchers nobody() {
        return new Watchers();
    }

    /** Begins with both at once, and goes on until it is closed. */
    static Watchers of(int port, int scrapeSeconds, int lookSeconds) {
        URI actuator = URI.create("http://127.0.0.1:" + port + "/actuator/");
        Watchers watchers = new Watchers();
        watchers.repeat(actuator.resolve("prometheus"), scrapeSeconds, watchers.scrapes);
        watchers.repeat(actuator.resolve("etd"), lookSeconds, watchers.looks);
        return watchers;
    }

    /** What was looked at so far does not count. */
    void forget() {
        scrapes.set(0);
        looks.set(0);
    }

    /** How often they have looked, nothing for nobody; fails when one got no answer, because then there was less to do. */
    Map<String, Double> figures() {
        if (failure.get() != null) {
            throw new IllegalStateException("the dispatcher could not be looked at", failure.get());
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        if (somebody) {
            figures.put("scrapes", scrapes.doubleValue());
            figures.put("looks", looks.doubleValue());
        }
        return figures;
    }

    private void repeat(URI uri, int seconds, AtomicInteger count) {
        somebody = true;
        var unused = clock.scheduleAtFixedRate(
                () -> {
                    try {
                        look(uri);
                        count.incrementAndGet();
                    } catch (Exception e) {
                        failure.compareAndSet(null, e);
                    }
                },
                0,
                seconds,
                TimeUnit.SECONDS);
    }

    private void look(URI uri) throws Exception {
        HttpResponse<byte[]> answer =
                http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(uri + " was answered " + answer.statusCode());
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
