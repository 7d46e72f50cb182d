package org.externaltask.dispatcher.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.apache.hc.client5.http.classic.methods.HttpUriRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.externaltask.dispatcher.http.HttpPeer.Role;

/**
 * What a peer answered, read within the limits of size and time.
 *
 * @param call what was asked
 * @param status the HTTP status
 * @param contentType media type in lower case without parameters; empty when none was given
 * @param body the bytes, decompressed; no more than the peer's limit
 * @param complete whether that is all of it
 */
@SuppressWarnings("ArrayRecordComponent") // answers are never compared
record HttpAnswer(HttpCall call, int status, String contentType, byte[] body, boolean complete) {

    private static final int EXCERPT = 8 * 1024;

    static HttpAnswer read(HttpCall call, HttpUriRequest request, ClassicHttpResponse response) throws IOException {
        HttpEntity entity = response.getEntity();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean complete = false;
        try {
            complete = entity == null || read(call, entity, body);
        } catch (IOException e) {
            if (response.getCode() / 100 == 2) {
                throw e;
            } // else the status alone says enough
        } finally {
            if (!complete) {
                request.abort(); // drops the connection: closing the answer would read the rest of it, perhaps for ever
            }
        }
        return new HttpAnswer(call, response.getCode(), contentType(response), body.toByteArray(), complete);
    }

    /** The body of a successful answer; null for none. */
    JsonNode json(String topic) {
        requireComplete(topic);
        if (isBlank()) {
            return null;
        }
        if (!isJson()) {
            throw new UnusableAnswer(
                    topic, call, "answered %d with %s, expected JSON or an empty body".formatted(status, contentType));
        }
        try {
            return JsonBody.parse(body);
        } catch (JsonProcessingException e) {
            throw new UnusableAnswer(
                    topic,
                    call,
                    "answered %d with invalid JSON (line %d, column %d)%s"
                            .formatted(
                                    status,
                                    e.getLocation() == null
                                            ? 0
                                            : e.getLocation().getLineNr(),
                                    e.getLocation() == null
                                            ? 0
                                            : e.getLocation().getColumnNr(),
                                    contentType.isEmpty() ? ", and without a content type" : ""));
        }
    }

    /** The body of a successful answer as it is. */
    HttpContent content(String topic) {
        requireComplete(topic);
        return new HttpContent(contentType, body);
    }

    private void requireComplete(String topic) {
        if (!complete) {
            boolean ownLimit = call.maxBytes() < call.peer().maxResponseBytes();
            throw new UnusableAnswer(
                    topic,
                    call,
                    "answered %d with more than %d bytes: ask for less, or raise %s"
                            .formatted(
                                    status,
                                    call.maxBytes(),
                                    ownLimit
                                            ? "maxBytes"
                                            : call.peer().role().key(call.peer().name(), "max-response-bytes")),
                    body);
        }
    }

    /** The body of an answer that says what went wrong, when it is JSON. */
    Optional<JsonNode> problem() {
        if (!complete || !isJson()) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(JsonBody.parse(body));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** The beginning of the body as text. */
    String excerpt() {
        return new String(body, 0, Math.min(body.length, EXCERPT), StandardCharsets.UTF_8);
    }

    private boolean isJson() {
        return contentType.isEmpty() || contentType.endsWith("/json") || contentType.endsWith("+json");
    }

    private boolean isBlank() {
        for (byte octet : body) {
            if (octet > ' ' || octet < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean read(HttpCall call, HttpEntity entity, ByteArrayOutputStream body) throws IOException {
        InputStream content = entity.getContent();
        if (content == null) {
            return true;
        }
        int limit = call.maxBytes();
        if (call.peer().role() == Role.GATEWAY
                && entity.getContentLength() > limit) { // of an engine's, the beginning is of use
            return false;
        }
        byte[] buffer = new byte[8 * 1024];
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            if (body.size() + read > limit) {
                body.write(buffer, 0, limit - body.size());
                return false;
            }
            body.write(buffer, 0, read);
        }
        return true;
    }

    // It goes into messages, and a peer can write anything there.
    private static String contentType(ClassicHttpResponse response) {
        Header header = response.getFirstHeader(HttpHeaders.CONTENT_TYPE);
        if (header == null || header.getValue() == null) {
            return "";
        }
        String type = header.getValue().split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
        return type.matches("[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}") ? type : "an unreadable content type";
    }
}
