package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.externaltask.dispatcher.json.Json;

/**
 * A file as routes see it: {@code { filename, mimeType, encoding, content }}, its content as Base64 text. The engine would take names and
 * types that it cannot give back, so they are looked at before.
 */
final class FileContent {

    static final String CONTENT = "content";

    private static final Pattern MIME_TYPE = Pattern.compile("[\\w!#$&^.+-]+/[\\w!#$&^.+-]+( *;[\\x20-\\x7e]*)?");

    private FileContent() {}

    static boolean isFile(JsonNode value) {
        return value.path("filename").isTextual()
                && !value.path("filename").textValue().isBlank()
                && isAbsentOr(
                        value.path("mimeType"), text -> MIME_TYPE.matcher(text).matches())
                && isAbsentOr(value.path("encoding"), FileContent::isCharset);
    }

    static Optional<byte[]> bytes(JsonNode base64) {
        if (!base64.isTextual()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getDecoder().decode(base64.textValue()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The engine's {@code valueInfo} of a file. */
    static ObjectNode info(JsonNode file) {
        ObjectNode info = Json.MAPPER.createObjectNode();
        for (String key : new String[] {"filename", "mimeType", "encoding"}) {
            if (file.path(key).isTextual()) {
                info.set(key, file.get(key));
            }
        }
        return info;
    }

    private static boolean isAbsentOr(JsonNode value, Predicate<String> allowed) {
        return value.isMissingNode() || value.isNull() || (value.isTextual() && allowed.test(value.textValue()));
    }

    private static boolean isCharset(String name) {
        try {
            return Charset.isSupported(name);
        } catch (IllegalCharsetNameException e) {
            return false;
        }
    }
}
