package org.externaltask.dispatcher.soak;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** An API gateway that remembers every Idempotency-Key, and that fails in one of several ways when told to. */
final class Gateway implements AutoCloseable {

    /** How it is at the moment. */
    enum Mood {
        WELL,
        ERRORS,
        /** It does the work and does not answer. */
        HANGS,
        /** It does the work and breaks the connection. */
        RESETS
    }

    private static final Duration LONGER_THAN_ANYBODY_WAITS = Duration.ofSeconds(6);

    private final HttpServer server;
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();
    private volatile Mood mood = Mood.WELL;

    Gateway() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(workers);
        server.createContext("/", this::answer);
        server.start();
    }

    URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    void be(Mood mood) {
        this.mood = mood;
    }

    /** Idempotency-Key to number of calls. */
    Map<String, Integer> calls() {
        return Map.copyOf(calls);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String key = String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
        calls.merge(key, 1, Integer::sum);
        switch (mood) {
            case ERRORS -> answer(exchange, 503, "{}");
            case HANGS -> {
                var unused =
                        clock.schedule(exchange::close, LONGER_THAN_ANYBODY_WAITS.toMillis(), TimeUnit.MILLISECONDS);
            }
            case RESETS -> exchange.close();
            case WELL -> work(exchange, body, key);
        }
    }

    private static void work(HttpExchange exchange, String body, String key) throws IOException {
        if (exchange.getRequestURI().getPath().equals("/settle")) {
            answer(exchange, 200, "{\"settlement\": \"%s\"}".formatted(key));
        } else if (body.contains(Ending.REJECTED.name())) {
            answer(exchange, 409, "{}");
        } else if (body.contains(Ending.INCIDENT.name())) {
            answer(exchange, 422, "{}");
        } else {
            answer(exchange, 200, "{\"reservation\": \"%s\"}".formatted(key));
        }
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (exchange) {
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
        clock.shutdownNow();
    }
}
