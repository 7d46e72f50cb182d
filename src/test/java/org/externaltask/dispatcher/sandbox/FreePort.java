package org.externaltask.dispatcher.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;

/** Finds ports for parts that have to know theirs before they start. */
public final class FreePort {

    private FreePort() {}

    /** A port on which nobody listens now. */
    public static int find() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
