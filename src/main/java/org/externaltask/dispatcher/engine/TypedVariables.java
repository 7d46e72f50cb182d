package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Map;
import org.externaltask.dispatcher.configuration.EtdProperties.JsonFormat;
import org.externaltask.dispatcher.json.Json;

/** Translates an engine's typed variables into one plain JSON object and back; {@code docs/variables.md} is its table. */
public final class TypedVariables {

    private final VariableEncoder encoder;

    /** @param jsonFormat how this engine gets objects, lists, long text and long numbers */
    public TypedVariables(JsonFormat jsonFormat) {
        this.encoder = new VariableEncoder(jsonFormat);
    }

    /**
     * Engine to route.
     *
     * @param engineVariables {@code {name: {type, value, valueInfo}}}, fetched with {@code deserializeValues: false}
     * @param executionId the task's execution, where the content of files and bytes can be found
     * @throws VariableException if a value contradicts its type
     */
    public ObjectNode decode(JsonNode engineVariables, String executionId) {
        return VariableDecoder.decode(engineVariables, executionId);
    }

    /**
     * A {@code File} or {@code Bytes} variable, as {@link #decode} shows it, with its content.
     *
     * @param variable the variable as the engine sent it, which is without its content
     * @param type the media type that the content came with
     */
    public static ObjectNode withContent(
            String name, JsonNode variable, String executionId, String type, byte[] content) {
        return VariableReference.withContent(name, variable, executionId, type, content);
    }

    /** Route to engine, with nothing known but the values. */
    public ObjectNode encode(JsonNode plain) {
        return encode(plain, Map.of(), MissingNode.getInstance());
    }

    /**
     * Route to engine. References to files, bytes and opaque variables that came with the task are left out, unless changed.
     *
     * @param plain an object, or nothing (null, missing, a JSON null), which writes nothing
     * @param declared the types that the topic's {@code outputs} ask for; a value that does not fit is an error
     * @param fetched what {@link #decode} was given for the same task, or a missing node; a variable keeps its type if it can
     * @throws VariableException if a variable cannot be written without harm
     */
    public ObjectNode encode(JsonNode plain, Map<String, VariableType> declared, JsonNode fetched) {
        ObjectNode engineVariables = Json.MAPPER.createObjectNode();
        if (plain == null || plain.isNull() || plain.isMissingNode()) {
            return engineVariables;
        }
        if (!plain.isObject()) {
            throw new VariableException("The variables to write must be a JSON object, found "
                    + VariableEncoder.kind(plain) + ": let the route's last mapping build { name: value }.");
        }
        for (Map.Entry<String, JsonNode> field : plain.properties()) {
            String name = field.getKey();
            JsonNode before = fetched.path(name);
            if (!VariableReference.isUnchanged(field.getValue(), before)) {
                engineVariables.set(name, encoder.encode(name, field.getValue(), declared.get(name), before));
            }
        }
        return engineVariables;
    }

    /** Marks those of the encoded variables that the engine hands on to the next activities, but does not store. */
    public static void makeTransient(ObjectNode engineVariables, Collection<String> names) {
        for (String name : names) {
            if (engineVariables.get(name) instanceof ObjectNode variable) {
                variable.withObject("/valueInfo").put("transient", true);
            }
        }
    }
}
