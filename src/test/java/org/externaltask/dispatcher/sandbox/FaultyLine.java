package org.externaltask.dispatcher.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * A line to an engine or a broker that can fail as lines do: refuse connections, reset them, swallow what comes back, break an answer
 * off after some bytes, be slow. It can be mended.
 */
public final class FaultyLine implements AutoCloseable {

    private final String host;
    private final int upstreamPort;
    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile ServerSocket server;
    private volatile boolean swallowing;
    private volatile String losing;
    private volatile Fault fault;
    private volatile SlowRequests slow = new SlowRequests("", Duration.ZERO);
    private volatile Duration delay = Duration.ZERO;
    private volatile int bytesPerSecond = Integer.MAX_VALUE;

    public FaultyLine(String host, int upstreamPort) throws IOException {
        this(host, upstreamPort, 0);
    }

    /** @param port where the line begins; 0 takes a free port */
    public FaultyLine(String host, int upstreamPort, int port) throws IOException {
        this.host = host;
        this.upstreamPort = upstreamPort;
        listen(port);
        this.port = server.getLocalPort();
    }

    public int port() {
        return port;
    }

    public void swallowAnswers(boolean swallow) {
        swallowing = swallow;
    }

    /** The next request with this text arrives, but the line breaks before its answer is back. */
    public void loseAnswerTo(String request) {
        losing = request;
    }

    /** The next answer with this text never arrives, and nor does anything after it on its connection. */
    public void swallowAnswerWith(String text) {
        fault = new Fault(text, Integer.MAX_VALUE);
    }

    /** The next answer with this text breaks off after so many bytes, and its connection is reset. */
    public void cutAnswerWith(String text, int bytes) {
        fault = new Fault(text, bytes);
    }

    /** Holds back each piece of an answer for so long; a zero duration ends that. */
    public void delayAnswers(Duration by) {
        delay = by;
    }

    /** Holds back each request with this text for so long before it arrives; a zero duration ends that. */
    public void delayRequestsWith(String text, Duration by) {
        slow = new SlowRequests(text, by);
    }

    /** Lets no more than so many bytes of an answer pass in a second. */
    public void throttleAnswers(int toBytesPerSecond) {
        bytesPerSecond = toBytesPerSecond;
    }

    /** Breaks all connections; new ones are refused. */
    public void cut() {
        try {
            close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** New connections are possible again. */
    public void mend() {
        try {
            listen(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void listen(int at) throws IOException {
        ServerSocket opened = new ServerSocket(at, 50, InetAddress.getLoopbackAddress());
        server = opened;
        run(() -> accept(opened));
    }

    private void accept(ServerSocket opened) throws IOException {
        while (!opened.isClosed()) {
            Socket client = opened.accept();
            Socket upstream = new Socket(host, upstreamPort);
            sockets.addAll(List.of(client, upstream));
            Connection connection = new Connection();
            run(() -> ask(client, upstream, connection));
            run(() -> answer(upstream, client, connection));
        }
    }

    private void ask(Socket client, Socket upstream, Connection connection) throws IOException {
        try (client;
                upstream) {
            OutputStream out = upstream.getOutputStream();
            byte[] buffer = new byte[8192];
            InputStream in = client.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                String request = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
                String lost = losing;
                if (lost != null && request.contains(lost)) {
                    losing = null;
                    connection.losesAnswer = true;
                }
                SlowRequests held = slow;
                if (!held.by().isZero() && request.contains(held.text())) {
                    LockSupport.parkNanos(held.by().toNanos());
                }
                out.write(buffer, 0, n);
            }
        }
    }

    private void answer(Socket upstream, Socket client, Connection connection) throws IOException {
        try (upstream;
                client) {
            OutputStream out = client.getOutputStream();
            byte[] buffer = new byte[8192];
            InputStream in = upstream.getInputStream();
            for (int n = in.read(buffer); n >= 0 && !connection.losesAnswer; n = in.read(buffer)) {
                Fault due = fault;
                if (due != null && new String(buffer, 0, n, StandardCharsets.ISO_8859_1).contains(due.text())) {
                    fault = null;
                    connection.swallows = due.bytes() == Integer.MAX_VALUE;
                    if (!connection.swallows) {
                        out.write(buffer, 0, Math.min(n, due.bytes()));
                        client.setSoLinger(true, 0); // closed so, it is reset
                        return;
                    }
                }
                if (!swallowing && !connection.swallows) {
                    pass(out, buffer, n);
                }
            }
        }
    }

    private void pass(OutputStream out, byte[] buffer, int count) throws IOException {
        LockSupport.parkNanos(delay.toNanos());
        int piece = Math.max(1, Math.min(count, bytesPerSecond / 10));
        for (int at = 0; at < count; at += piece) {
            if (piece < count) {
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
            out.write(buffer, at, Math.min(piece, count - at));
        }
    }

    private static final class Connection {
        private volatile boolean losesAnswer;
        private boolean swallows;
    }

    /** @param bytes how much of the answer passes; {@link Integer#MAX_VALUE} when all of it vanishes and the connection stays */
    private record Fault(String text, int bytes) {}

    private record SlowRequests(String text, Duration by) {}

    private interface Work {
        void run() throws IOException;
    }

    private static void run(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        return; // the line is cut
                    }
                },
                "faulty-line");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }
}
