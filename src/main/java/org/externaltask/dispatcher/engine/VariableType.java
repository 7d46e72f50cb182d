package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.ShortNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.json.Json;

/** A type of the engine that a route can ask for; knows which plain JSON values fit it and how the engine wants them. */
public enum VariableType {
    STRING("String", "text (or a number, true, false) of at most 4000 characters", VariableType::string),
    INTEGER("Integer", "a whole number from -2147483648 to 2147483647", VariableType::integer),
    LONG("Long", "a whole number from -9223372036854775808 to 9223372036854775807", VariableType::whole),
    SHORT("Short", "a whole number from -32768 to 32767", VariableType::shortInteger),
    DOUBLE("Double", "a number that a double holds without losing a digit", VariableType::decimal),
    BOOLEAN("Boolean", "true or false", value -> value.isBoolean() ? BooleanNode.valueOf(value.booleanValue()) : null),
    DATE("Date", "ISO 8601 text with an offset, such as 2026-01-02T03:04:05.678+01:00", VariableType::date),
    XML("Xml", "text that is XML", value -> isXml(value) ? value : null),
    JSON("Json", "any value", VariableType::json),
    OBJECT("Object", "any value", VariableType::json),
    BYTES("Bytes", "Base64 text, or an object with it in content", VariableType::bytes),
    FILE(
            "File",
            "an object { filename, content } and, if wanted, mimeType and encoding, with content as Base64 text",
            VariableType::file);

    /** The engine's column for text is a {@code VARCHAR(4000)}; on Oracle, which refuses sooner, it holds 2000. */
    static final int LONGEST_STRING = 4_000;

    private static final Map<String, VariableType> BY_ENGINE_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(VariableType::engineName, type -> type));

    private final String engineName;
    private final String expected;
    private final Function<JsonNode, JsonNode> conversion;

    VariableType(String engineName, String expected, Function<JsonNode, JsonNode> conversion) {
        this.engineName = engineName;
        this.expected = expected;
        this.conversion = conversion;
    }

    /**
     * The type that the engine's REST API calls {@code engineName}.
     *
     * @throws IllegalArgumentException if no route can ask for it; the message lists those that can be asked for
     */
    public static VariableType named(String engineName) {
        return find(engineName)
                .orElseThrow(() -> new IllegalArgumentException("'" + engineName + "' is not a type, expected one of "
                        + Arrays.stream(values()).map(type -> type.engineName).collect(Collectors.joining(", "))));
    }

    static Optional<VariableType> find(String engineName) {
        return Optional.ofNullable(BY_ENGINE_NAME.get(engineName));
    }

    String engineName() {
        return engineName;
    }

    String expected() {
        return expected;
    }

    /** The variable as the engine wants it, or empty if the value does not fit. */
    Optional<ObjectNode> write(JsonNode value) {
        return Optional.ofNullable(conversion.apply(value)).map(converted -> {
            ObjectNode variable = Json.MAPPER.createObjectNode();
            variable.put("type", engineName);
            variable.set("value", converted);
            if (this == OBJECT) {
                variable.set("valueInfo", objectInfo(javaType(value)));
            } else if (this == FILE) {
                variable.set("valueInfo", FileContent.info(value));
            }
            return variable;
        });
    }

    static ObjectNode objectInfo(String objectTypeName) {
        return Json.MAPPER
                .createObjectNode()
                .put("objectTypeName", objectTypeName)
                .put("serializationDataFormat", "application/json");
    }

    private static JsonNode string(JsonNode value) {
        boolean scalar = value.isTextual() || value.isNumber() || value.isBoolean();
        String text = scalar ? value.asText() : null;
        return text != null && text.length() <= LONGEST_STRING ? TextNode.valueOf(text) : null;
    }

    private static JsonNode shortInteger(JsonNode value) {
        JsonNode whole = whole(value);
        return whole != null && whole.longValue() == (short) whole.longValue()
                ? ShortNode.valueOf((short) whole.longValue())
                : null;
    }

    private static JsonNode integer(JsonNode value) {
        JsonNode whole = whole(value);
        return whole != null && whole.canConvertToInt() ? IntNode.valueOf(whole.intValue()) : null;
    }

    /** Takes 5.0 as well: arithmetic in a mapping leaves such numbers behind. */
    private static JsonNode whole(JsonNode value) {
        if (!value.isNumber()) {
            return null;
        }
        try {
            return LongNode.valueOf(value.decimalValue().longValueExact());
        } catch (ArithmeticException e) {
            return null;
        }
    }

    private static JsonNode decimal(JsonNode value) {
        if (!value.isNumber()) {
            return null;
        }
        double nearest = value.doubleValue();
        // By its shortest text, which is what the engine sends back, not by its exact binary value.
        return Double.isFinite(nearest) && BigDecimal.valueOf(nearest).compareTo(value.decimalValue()) == 0
                ? DoubleNode.valueOf(nearest)
                : null;
    }

    private static JsonNode date(JsonNode value) {
        return value.isTextual()
                ? EngineDate.fromIso(value.textValue()).map(TextNode::valueOf).orElse(null)
                : null;
    }

    /** A look, not a parse: the engine reads it when a process asks, and XML from outside is not to be opened here. */
    private static boolean isXml(JsonNode value) {
        return value.isTextual() && value.textValue().stripLeading().startsWith("<");
    }

    private static JsonNode json(JsonNode value) {
        return TextNode.valueOf(Json.write(value));
    }

    private static JsonNode bytes(JsonNode value) {
        JsonNode content = value.isObject() ? value.path(FileContent.CONTENT) : value;
        return FileContent.bytes(content).map(BinaryNode::valueOf).orElse(null);
    }

    private static JsonNode file(JsonNode value) {
        return FileContent.isFile(value) ? bytes(value) : null;
    }

    private static String javaType(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "java.util.LinkedHashMap";
            case ARRAY -> "java.util.ArrayList";
            case BOOLEAN -> "java.lang.Boolean";
            case NUMBER -> value.isIntegralNumber() ? "java.math.BigInteger" : "java.math.BigDecimal";
            default -> "java.lang.String";
        };
    }
}
