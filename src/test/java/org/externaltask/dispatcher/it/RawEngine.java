package org.externaltask.dispatcher.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Engines on a bare socket, told apart by the first segment of the path, which answer fetches with whatever a test makes up. */
final class RawEngine implements AutoCloseable {

    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");
    private static final byte[] DONE = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1);

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Map<String, BlockingQueue<Answer>> fetches = new ConcurrentHashMap<>();
    private final Map<String, Answer> always = new ConcurrentHashMap<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    interface Answer {
        void send(Socket client) throws IOException;
    }

    /**
     * @param path what was asked for, below the host
     * @param body what was sent
     * @param nanos when, on {@link System#nanoTime()}
     */
    record Asked(String path, String body, long nanos) {}

    RawEngine() throws IOException {
        daemon(this::accept);
    }

    String baseUrl(String engine) {
        return "http://127.0.0.1:" + server.getLocalPort() + "/" + engine;
    }

    /** The next fetch is answered with this. */
    void nextFetch(String engine, Answer answer) {
        queue(engine).add(answer);
    }

    /** All fetches are answered with this. */
    void everyFetch(String engine, Answer answer) {
        always.put(engine, answer);
    }

    /** How often this path was asked for. */
    long asked(String path) {
        return asked.stream().filter(call -> call.path().equals(path)).count();
    }

    /** Everything that was asked for, in the order in which it was. */
    List<Asked> asked() {
        return asked;
    }

    static Answer raw(byte[] bytes) {
        return client -> client.getOutputStream().write(bytes);
    }

    static Answer raw(String text) {
        return raw(text.getBytes(UTF_8));
    }

    static Answer json(String body) {
        return body("application/json", body.getBytes(UTF_8));
    }

    static Answer body(String contentType, byte[] body, String... headers) {
        return status("200 OK", contentType, body, headers);
    }

    static Answer status(String status, String contentType, byte[] body, String... headers) {
        return client -> {
            OutputStream out = client.getOutputStream();
            String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
            out.write("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n%s\r\n"
                    .formatted(status, contentType, body.length, more)
                    .getBytes(ISO_8859_1));
            out.write(body);
        };
    }

    private BlockingQueue<Answer> queue(String engine) {
        return fetches.computeIfAbsent(engine, name -> new LinkedBlockingQueue<>());
    }

    private void accept() throws IOException {
        while (!server.isClosed()) {
            Socket socket = server.accept();
            daemon(() -> serve(socket));
        }
    }

    private void serve(Socket socket) throws IOException {
        try (socket) {
            String head = head(socket.getInputStream());
            Matcher length = LENGTH.matcher(head);
            byte[] body = socket.getInputStream().readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
            String path = head.split(" ", 3)[1];
            asked.add(new Asked(path, new String(body, UTF_8), System.nanoTime()));
            if (!path.endsWith("/fetchAndLock")) {
                socket.getOutputStream().write(DONE);
                return;
            }
            String engine = path.split("/", 3)[1];
            Answer answer = always.getOrDefault(engine, queue(engine).poll(300, TimeUnit.MILLISECONDS));
            (answer == null ? json("[]") : answer).send(socket);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("the client has gone");
            }
            head.write(octet);
        }
        return head.toString(ISO_8859_1);
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        return; // the client or the server has gone
                    }
                },
                "raw-engine");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
