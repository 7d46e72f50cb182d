package org.externaltask.dispatcher.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A line to an engine or a broker that can swallow what comes back, lose one answer, be cut, and be mended. */
public final class FaultyLine implements AutoCloseable {

    private final String host;
    private final int upstreamPort;
    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile ServerSocket server;
    private volatile boolean swallowing;
    private volatile String losing;

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
                String lost = losing;
                if (lost != null && new String(buffer, 0, n, StandardCharsets.ISO_8859_1).contains(lost)) {
                    losing = null;
                    connection.losesAnswer = true;
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
                if (!swallowing) {
                    out.write(buffer, 0, n);
                }
            }
        }
    }

    private static final class Connection {
        private volatile boolean losesAnswer;
    }

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
