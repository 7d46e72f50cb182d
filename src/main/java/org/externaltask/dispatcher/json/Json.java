package org.externaltask.dispatcher.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** The one way JSON is read and written: no digit is lost, nothing may follow the value, Jackson's default limits hold. */
public final class Json {

    /** Reads every number that is not an integer as a {@code BigDecimal} with the digits it was written with. */
    public static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Json() {}

    /**
     * Reads one JSON value. Takes bytes, because a detour over a String turns invalid UTF-8 into U+FFFD without a word.
     *
     * @throws IllegalArgumentException if it is no JSON; the message says where, and never what it reads
     */
    public static JsonNode parse(byte[] json) {
        try {
            return present(MAPPER.readTree(json));
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    public static JsonNode parse(String json) {
        try {
            return present(MAPPER.readTree(json));
        } catch (JsonProcessingException e) {
            throw malformed(e);
        }
    }

    public static String write(JsonNode json) {
        try {
            return MAPPER.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw malformed(e);
        }
    }

    private static JsonNode present(JsonNode json) {
        if (json.isMissingNode()) {
            throw new IllegalArgumentException("is empty, expected JSON");
        }
        return json;
    }

    /** Without Jackson's message and without the cause, because both quote the data. */
    private static IllegalArgumentException malformed(IOException e) {
        JsonLocation at = e instanceof JsonProcessingException json ? json.getLocation() : null;
        return new IllegalArgumentException(
                at == null
                        ? "is not valid JSON"
                        : "is not valid JSON at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr()));
    }
}
