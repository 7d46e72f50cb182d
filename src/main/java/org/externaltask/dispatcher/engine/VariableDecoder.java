package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import org.externaltask.dispatcher.json.Json;

/** Reads one variable of the engine, {@code {type, value, valueInfo}}, as a plain JSON value. */
final class VariableDecoder {

    private VariableDecoder() {}

    static ObjectNode decode(JsonNode variables, String executionId) {
        ObjectNode plain = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> entry : variables.properties()) {
            plain.set(entry.getKey(), value(entry.getKey(), entry.getValue(), executionId));
        }
        return plain;
    }

    private static JsonNode value(String name, JsonNode variable, String executionId) {
        String type = variable.path("type").asText("");
        if (type.isEmpty()) {
            throw new VariableException(
                    name, "came from the engine without a type, expected {type, value, valueInfo}.");
        }
        JsonNode value = variable.path("value");
        boolean absent = value.isNull() || value.isMissingNode();
        return switch (type) {
            case "File" -> VariableReference.toContent(name, variable, executionId);
            case "Bytes" -> absent ? NullNode.instance : VariableReference.toContent(name, variable, executionId);
            case "Object" -> {
                if (absent) {
                    yield NullNode.instance;
                }
                yield VariableReference.isOpaque(variable)
                        ? VariableReference.toOpaque(variable)
                        : json(name, type, value);
            }
            case "String", "Xml", "Integer", "Long", "Short", "Double", "Boolean", "Date", "Null", "Json" ->
                absent ? NullNode.instance : primitive(name, type, value);
            default -> VariableReference.toOpaque(variable);
        };
    }

    private static JsonNode primitive(String name, String type, JsonNode value) {
        return switch (type) {
            case "String", "Xml" -> expect(value.isTextual(), name, type, "text", value);
            case "Integer" ->
                expect(
                        value.isIntegralNumber() && value.canConvertToInt(),
                        name,
                        type,
                        "a whole number of 32 bits",
                        value);
            case "Long" ->
                expect(
                        value.isIntegralNumber() && value.canConvertToLong(),
                        name,
                        type,
                        "a whole number of 64 bits",
                        value);
            case "Short" ->
                expect(
                        value.isIntegralNumber() && value.canConvertToInt() && value.intValue() == value.shortValue(),
                        name,
                        type,
                        "a whole number of 16 bits",
                        value);
            case "Double" -> expect(value.isNumber(), name, type, "a finite number", value);
            case "Boolean" -> expect(value.isBoolean(), name, type, "true or false", value);
            case "Date" -> date(name, type, value);
            case "Json" -> json(name, type, value);
            default -> throw unexpected(name, type, "null");
        };
    }

    private static JsonNode date(String name, String type, JsonNode value) {
        return EngineDate.toIso(value.asText(""))
                .map(TextNode::valueOf)
                .orElseThrow(() -> unexpected(
                        name, type, "a date like 2026-01-02T03:04:05.678+0100 with a year from 0001 to 9999"));
    }

    private static JsonNode json(String name, String type, JsonNode value) {
        expect(value.isTextual(), name, type, "JSON as text (fetched with deserializeValues: false)", value);
        try {
            return Json.parse(value.textValue());
        } catch (IllegalArgumentException e) {
            throw new VariableException(name, "of type " + type + " cannot be read: its text " + e.getMessage() + ".");
        }
    }

    private static JsonNode expect(boolean met, String name, String type, String expected, JsonNode value) {
        if (!met) {
            throw unexpected(name, type, expected);
        }
        return value;
    }

    private static VariableException unexpected(String name, String type, String expected) {
        return new VariableException(name, "of type " + type + " cannot be read: expected " + expected + ".");
    }
}
