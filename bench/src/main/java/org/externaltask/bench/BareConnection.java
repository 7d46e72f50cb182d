package org.externaltask.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A connection to an engine that is made again where the engine ends it, which Tomcat does after a hundred calls. */
final class BareConnection {

    private final URI base;
    private Socket socket;
    private InputStream in;
    private boolean ending;

    BareConnection(URI base) {
        this.base = base;
    }

    HttpText.Answer post(String path, String body) throws IOException {
        byte[] request = ("POST " + base.getPath() + path + " HTTP/1.1\r\nHost: " + base.getAuthority()
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
        if (socket == null || ending) {
            connect();
        }
        try {
            return send(request);
        } catch (EOFException | SocketException e) {
            // It was idle for too long, so the engine has not seen this call.
            connect();
            return send(request);
        }
    }

    private HttpText.Answer send(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        HttpText.Answer answer = HttpText.answer(in);
        ending = answer.last();
        return answer;
    }

    private void connect() throws IOException {
        if (socket != null) {
            socket.close();
        }
        socket = new Socket(base.getHost(), base.getPort());
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream(), 65_536);
    }
}
