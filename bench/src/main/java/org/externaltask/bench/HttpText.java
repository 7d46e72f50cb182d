package org.externaltask.bench;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads HTTP/1.1 from a connection that stays open: as cheap as the stub engine and the bare loop need it. */
final class HttpText {

    record Answer(int status, String body) {}

    private HttpText() {}

    static Answer answer(InputStream in) throws IOException {
        String head = line(in);
        if (head == null) {
            throw new EOFException("the engine closed the connection");
        }
        int status = Integer.parseInt(head, 9, 12, 10);
        return new Answer(status, body(in));
    }

    /** The body after the headers that come next, by length or in chunks; empty where neither is stated. */
    static String body(InputStream in) throws IOException {
        int length = 0;
        boolean chunked = false;
        for (String header = line(in); header != null && !header.isEmpty(); header = line(in)) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).trim());
            } else if (header.regionMatches(true, 0, "transfer-encoding:", 0, 18)) {
                chunked = true;
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
