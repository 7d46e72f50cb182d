package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.externaltask.dispatcher.configuration.EtdProperties.JsonFormat;
import org.externaltask.dispatcher.json.Json;

/** Writes one plain JSON value as a variable of the engine: by its declared type, else by the type it had, else by its looks. */
final class VariableEncoder {

    private static final int LONGEST_NAME = 255;

    /** The types that looks alone would not bring back. */
    private static final Set<VariableType> KEPT = EnumSet.of(
            VariableType.INTEGER,
            VariableType.LONG,
            VariableType.SHORT,
            VariableType.DOUBLE,
            VariableType.DATE,
            VariableType.XML,
            VariableType.JSON,
            VariableType.BYTES,
            VariableType.FILE);

    private final JsonFormat jsonFormat;

    VariableEncoder(JsonFormat jsonFormat) {
        this.jsonFormat = jsonFormat;
    }

    /**
     * @param declared what the route asks for, or null
     * @param fetched the variable of this name that came with the task, or a missing node
     */
    ObjectNode encode(String name, JsonNode value, VariableType declared, JsonNode fetched) {
        checkName(name);
        if (value.isNull()) {
            return variable("Null", value);
        }
        checkContent(name, value, value.isTextual());
        if (declared != null) {
            return declared.write(value).orElseThrow(() -> misfit(name, value, declared));
        }
        return asFetched(value, fetched).orElseGet(() -> byLooks(name, value));
    }

    private static Optional<ObjectNode> asFetched(JsonNode value, JsonNode fetched) {
        String type = fetched.path("type").asText("");
        if (type.equals("Object")) {
            return asFetchedObject(value, fetched);
        }
        if (type.equals("Bytes") && !value.isObject()) {
            return Optional.empty(); // a text that a route puts in its place is a text, even if it happens to be Base64
        }
        return VariableType.find(type).filter(KEPT::contains).flatMap(kept -> kept.write(value));
    }

    /** Keeps the Java type that the process gave the variable, as long as an object stays an object and a list a list. */
    private static Optional<ObjectNode> asFetchedObject(JsonNode value, JsonNode fetched) {
        String before = fetched.path("value").asText("").stripLeading();
        String javaType = fetched.path("valueInfo").path("objectTypeName").asText("");
        boolean sameShape = value.isObject() && before.startsWith("{") || value.isArray() && before.startsWith("[");
        if (!sameShape || javaType.isEmpty() || VariableReference.isOpaque(fetched)) {
            return Optional.empty();
        }
        return VariableType.OBJECT
                .write(value)
                .map(variable -> variable.set("valueInfo", VariableType.objectInfo(javaType)));
    }

    private ObjectNode byLooks(String name, JsonNode value) {
        Optional<ObjectNode> plainType =
                switch (value.getNodeType()) {
                    case STRING -> VariableType.STRING.write(value);
                    case BOOLEAN -> VariableType.BOOLEAN.write(value);
                    case NUMBER ->
                        value.isIntegralNumber()
                                ? VariableType.INTEGER.write(value).or(() -> VariableType.LONG.write(value))
                                : VariableType.DOUBLE.write(value);
                    default -> Optional.empty();
                };
        return plainType.orElseGet(() -> inJsonFormat(name, value));
    }

    /** For what no simple type can hold: objects, lists, long text, and numbers with more digits than a long or a double. */
    private ObjectNode inJsonFormat(String name, JsonNode value) {
        return switch (jsonFormat) {
            case JSON -> VariableType.JSON.write(value).orElseThrow();
            case OBJECT -> VariableType.OBJECT.write(value).orElseThrow();
            case STRING -> {
                String text = value.isTextual() ? value.textValue() : Json.write(value);
                if (text.length() > VariableType.LONGEST_STRING) {
                    throw new VariableException(
                            name,
                            "has " + text.length() + " characters as text, and the engine takes "
                                    + VariableType.LONGEST_STRING + " in a String: write less, or set json-format of"
                                    + " the engine to JSON or OBJECT.");
                }
                yield variable("String", TextNode.valueOf(text));
            }
        };
    }

    private static ObjectNode variable(String type, JsonNode value) {
        ObjectNode variable = Json.MAPPER.createObjectNode();
        variable.put("type", type);
        variable.set("value", value);
        return variable;
    }

    private static void checkName(String name) {
        if (name.isEmpty()) {
            throw new VariableException(name, "has an empty name: give every field of the body a name.");
        }
        if (name.length() > LONGEST_NAME) {
            throw new VariableException(
                    name, "has a name of " + name.length() + " characters, and the engine takes " + LONGEST_NAME + ".");
        }
        checkText(name, name, true, "has a name with");
    }

    /** Refuses what a database or an encoder on the way would change or refuse later, when nobody can say why. */
    private static void checkContent(String name, JsonNode value, boolean asString) {
        switch (value.getNodeType()) {
            case STRING -> checkText(name, value.textValue(), asString, "holds");
            case NUMBER -> {
                if (!value.isIntegralNumber() && !value.isBigDecimal() && !Double.isFinite(value.doubleValue())) {
                    throw new VariableException(
                            name, "holds a number that is not finite: correct the arithmetic in the mapping.");
                }
            }
            case ARRAY -> value.forEach(element -> checkContent(name, element, false));
            case OBJECT ->
                value.properties().forEach(field -> {
                    checkText(name, field.getKey(), false, "holds a key with");
                    checkContent(name, field.getValue(), false);
                });
            case BOOLEAN, NULL -> {}
            default -> throw new VariableException(name, "holds a value that is not JSON (" + kind(value) + ").");
        }
    }

    private static void checkText(String name, String text, boolean asString, String where) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new VariableException(
                        name, where + " half of a surrogate pair, which is no valid Unicode: correct its source.");
            } else if (c == 0 && asString) {
                throw new VariableException(
                        name, where + " a NUL character, which PostgreSQL refuses: remove it in the mapping.");
            }
        }
    }

    private static VariableException misfit(String name, JsonNode value, VariableType declared) {
        String found = value.isTextual() ? "text of " + value.textValue().length() + " characters" : kind(value);
        return new VariableException(
                name,
                "cannot be written as " + declared.engineName() + ": expected " + declared.expected() + ", found "
                        + found + ". Correct the mapping, or the type in the topic's outputs.");
    }

    static String kind(JsonNode value) {
        return value.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
