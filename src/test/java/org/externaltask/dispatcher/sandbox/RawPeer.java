package org.externaltask.dispatcher.sandbox;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads the first bytes of each connection, answers byte by byte as it is told, and closes: for what no HTTP server would do. */
public final class RawPeer implements AutoCloseable {

    /** What it writes, and how slowly. */
    public interface Behaviour {
        void answer(OutputStream out) throws IOException;
    }

    private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    private final AtomicInteger connections = new AtomicInteger();
    private final ThreadGroup threads = new ThreadGroup("peer");

    public RawPeer(Behaviour behaviour) throws IOException {
        new Thread(threads, () -> accept(behaviour)).start();
    }

    /** Writes this and no more. */
    public static Behaviour writes(String answer) {
        return out -> out.write(answer.getBytes(US_ASCII));
    }

    /** Writes this, and then keeps the connection open and says nothing. */
    public static Behaviour hangsAfter(String beginning) {
        return out -> {
            out.write(beginning.getBytes(US_ASCII));
            out.flush();
            pause(Duration.ofSeconds(60));
        };
    }

    /** Writes this, and then one such character every 50 ms without end. */
    public static Behaviour dripsAfter(String beginning, char drop) {
        return out -> {
            out.write(beginning.getBytes(US_ASCII));
            while (true) {
                out.write(drop);
                out.flush();
                pause(Duration.ofMillis(50));
            }
        };
    }

    // A slow peer has to be slow: this is the fault itself, not a way to wait for something.
    private static void pause(Duration duration) throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void accept(Behaviour behaviour) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                new Thread(threads, () -> serve(socket, behaviour)).start();
            } catch (SocketException closed) {
                return;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void serve(Socket socket, Behaviour behaviour) {
        try (socket) {
            socket.setTcpNoDelay(true);
            if (socket.getInputStream().read(new byte[8192]) > 0) {
                behaviour.answer(socket.getOutputStream());
            }
        } catch (IOException clientHasGone) {
            return;
        }
    }

    /** How many have come so far. */
    public int connections() {
        return connections.get();
    }

    public int port() {
        return server.getLocalPort();
    }

    public String url() {
        return "http://127.0.0.1:" + port();
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.interrupt();
    }
}
