package org.externaltask.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A gateway within the measuring process, so that its clock is the one that started the task: answers at once, but for {@code /hang}, and
 * notes when each of {@code /probes/<name>} was called first.
 */
final class GatewayStub implements AutoCloseable {

    private static final byte[] ANSWER = "{\"greeting\":\"Hello Ada\",\"doubled\":24}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] HEAD = ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                    + ANSWER.length + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    private static final String PROBES = "/probes/";
    private static final String KEY = "idempotency-key:";

    private final ServerSocket server;
    private final int hangMillis;
    private final Map<String, Integer> calls = new ConcurrentHashMap<>();
    private final Map<String, Long> probes = new ConcurrentHashMap<>();

    /** @param hangMillis how long {@code /hang} takes */
    GatewayStub(int hangMillis) {
        this.hangMillis = hangMillis;
        try {
            this.server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        begin(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** When a probe came, by {@link System#nanoTime()}. */
    Map<String, Long> probes() {
        return probes;
    }

    /** Forgets, and fails unless there was one call for each of so many tasks. */
    void mustHaveBeenCalledFor(int tasks) {
        int sum = calls.values().stream().mapToInt(count -> count).sum();
        int distinct = calls.size();
        calls.clear();
        if (sum != tasks || distinct != tasks) {
            throw new IllegalStateException("one call for each of " + tasks + " tasks should have come, but there were "
                    + sum + " for " + distinct);
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket socket = server.accept();
            socket.setTcpNoDelay(true);
            begin(() -> serve(socket));
        }
    }

    private void serve(Socket socket) throws IOException, InterruptedException {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream())) {
            OutputStream out = socket.getOutputStream();
            for (String request = HttpText.line(in); request != null; request = HttpText.line(in)) {
                long now = System.nanoTime();
                HttpText.body(in, header -> {
                    if (header.regionMatches(true, 0, KEY, 0, KEY.length())) {
                        calls.merge(header.substring(KEY.length()).trim(), 1, Integer::sum);
                    }
                });
                String path = request.split(" ", 3)[1];
                if (path.startsWith(PROBES)) {
                    probes.putIfAbsent(path.substring(PROBES.length()), now);
                } else if (path.equals("/hang")) {
                    Thread.sleep(hangMillis);
                }
                out.write(HEAD);
                out.write(ANSWER);
            }
        }
    }

    private interface Serving {
        void run() throws IOException, InterruptedException;
    }

    private static void begin(Serving serving) {
        Thread thread = new Thread(() -> {
            try {
                serving.run();
            } catch (IOException e) {
                // The other side, or this one, has closed; what is missing shows in the counts.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
