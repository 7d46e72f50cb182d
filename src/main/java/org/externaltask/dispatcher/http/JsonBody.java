package org.externaltask.dispatcher.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.externaltask.dispatcher.json.Json;

/** JSON bodies on their way out and in; numbers keep every digit, and nothing, white space and JSON's null are null. */
final class JsonBody {

    private JsonBody() {}

    /** @throws IllegalArgumentException when it is something else; the message reads on after "a body that" */
    static JsonNode of(Message message) {
        Object body = message.getBody();
        if (body == null || body instanceof JsonNode) {
            return something((JsonNode) body);
        }
        if (body instanceof Map || body instanceof Iterable || body instanceof Number || body instanceof Boolean) {
            return Json.MAPPER.valueToTree(body);
        }
        try {
            return parse(text(message));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not JSON", e);
        }
    }

    static JsonNode parse(byte[] json) throws JsonProcessingException {
        try {
            return something(Json.MAPPER.readTree(json));
        } catch (JsonProcessingException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(JsonNode body) throws JsonProcessingException {
        return Json.MAPPER.writeValueAsBytes(body);
    }

    private static JsonNode something(JsonNode json) {
        return json == null || json.isNull() || json.isMissingNode() ? null : json;
    }

    private static byte[] text(Message message) {
        Object body = message.getBody();
        if (body instanceof String string) {
            return string.getBytes(StandardCharsets.UTF_8);
        }
        if (body instanceof byte[] || body instanceof InputStream || body instanceof StreamCache) {
            return message.getBody(byte[].class);
        }
        throw new IllegalArgumentException("is a " + body.getClass().getSimpleName());
    }
}
