package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.externaltask.dispatcher.json.Json;
import org.springframework.web.util.UriUtils;

/** What a route sees of a variable whose content stays in the engine: its metadata and, for bytes and files, where to get it. */
final class VariableReference {

    private static final String HREF = "href";

    private VariableReference() {}

    static boolean isOpaque(JsonNode variable) {
        return !"application/json"
                .equals(variable.path("valueInfo")
                        .path("serializationDataFormat")
                        .asText());
    }

    /** Metadata of a {@code File} or {@code Bytes} variable. */
    static ObjectNode toContent(String name, JsonNode variable, String executionId) {
        ObjectNode reference = metadata(variable);
        // The content of a variable called ".." has no address: clients and proxies resolve dots, encoded or not.
        if (!name.equals(".") && !name.equals("..")) {
            // An execution id, although the path says process instance: the engine then looks from the task's own scope
            // outwards, as the fetch does. With the instance's id it finds nothing that is local to a scope.
            reference.put(HREF, "/process-instance/" + encode(executionId) + "/variables/" + encode(name) + "/data");
        }
        return reference;
    }

    /**
     * What a route sees of a {@code File} or {@code Bytes} variable whose content it has asked for.
     *
     * @param type the media type that the content came with
     */
    static ObjectNode withContent(String name, JsonNode variable, String executionId, String type, byte[] content) {
        String expected = variable.path("valueInfo").path("mimeType").asText("application/octet-stream");
        if (!expected.split(";", 2)[0].trim().equalsIgnoreCase(type)) {
            throw new VariableException(
                    name,
                    "cannot be downloaded: what came is no content of it, because its type is "
                            + (type.isEmpty() ? "missing" : type) + "; see what stands between ETD and the engine.");
        }
        return toContent(name, variable, executionId).put(FileContent.CONTENT, FileContent.base64(content));
    }

    /** Type and value info of a variable that is never interpreted. */
    static ObjectNode toOpaque(JsonNode variable) {
        ObjectNode reference = Json.MAPPER.createObjectNode();
        reference.set("type", variable.path("type"));
        reference.set("valueInfo", variable.path("valueInfo").deepCopy());
        return reference;
    }

    /** Whether a route handed back, untouched, what it was given in place of this fetched variable. */
    static boolean isUnchanged(JsonNode plain, JsonNode fetched) {
        if (!plain.isObject() || !fetched.isObject()) {
            return false;
        }
        return switch (fetched.path("type").asText()) {
            case "File", "Bytes" -> {
                ObjectNode expected = metadata(fetched);
                if (plain.has(HREF)) {
                    expected.set(HREF, plain.get(HREF));
                }
                yield expected.equals(plain);
            }
            case "String", "Integer", "Long", "Short", "Double", "Boolean", "Date", "Null", "Json", "Xml" -> false;
            default -> isOpaque(fetched) && toOpaque(fetched).equals(plain);
        };
    }

    private static ObjectNode metadata(JsonNode variable) {
        ObjectNode metadata = Json.MAPPER.createObjectNode();
        metadata.set("type", variable.path("type"));
        metadata.setAll(FileContent.info(variable.path("valueInfo")));
        return metadata;
    }

    private static String encode(String segment) {
        return UriUtils.encode(segment, StandardCharsets.UTF_8);
    }
}
