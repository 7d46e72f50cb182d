package org.externaltask.bench;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads HTTP/1.1 from a connection that stays open: as cheap as the stub engine and the bare loop need it. */
final class HttpText {

    /** @param last whether the other side is about to close the connection */
    record Answer(int status, String body, boolean last) {}

    private HttpText() {}

    static Answer answer(InputStream in) throws IOException {
        String head = line(in);
        if (head == null) {
            throw new EOFException("the engine closed the connection");
        }
        int status = Integer.parseInt(head, 9, 12, 10);
        boolean[] last = {false};
        String body = body(in, header -> last[0] |= header.equalsIgnoreCase("Connection: close"));
        return new Answer(status, body, last[0]);
    }

    /** The body after the headers that come next, by length or in chunks; empty where neither is stated. */
    static String body(InputStream in) throws IOException {
        return body(in, header -> {});
    }

    /** @param other gets each line of the headers that says nothing of the body's length */
    static String body(InputStream in, Consumer<String> other) throws IOException {
        int length = 0;
        boolean chunked = false;
        for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).trim());
            } else if (header.regionMatches(true, 0, "transfer-encoding:", 0, 18)) {
                chunked = true;
            } else {
                other.accept(header);
            }
        }
        byte[] bytes = chunked ? chunks(in) : in.readNBytes(length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (true) {
            String size = line(in);
            if (size == null) {
                throw new EOFException("the connection ended within a body");
            }
            byte[] chunk = in.readNBytes(Integer.parseInt(size.trim(), 16));
            line(in);
            if (chunk.length == 0) {
                return bytes.toByteArray();
            }
            bytes.write(chunk);
        }
    }

    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return null;
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
