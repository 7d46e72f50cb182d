package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.stereotype.Component;

/**
 * Makes the request that correlates a message ({@code POST /message} of the engine's REST reference) of the body and of what the
 * kamelet {@code correlate-message} has put into exchange properties.
 */
@Component("correlationRequest")
class CorrelationRequest implements Processor {

    private final EngineVariables variables;

    CorrelationRequest(EngineVariables variables) {
        this.variables = variables;
    }

    @Override
    public void process(Exchange exchange) {
        String messageName = text(exchange, "etdMessageName");
        JsonNode body = exchange.getMessage().getBody(JsonNode.class);
        if (body != null && !body.isObject() && !body.isNull()) {
            throw new CorrelationException(
                    messageName, "the body is a JSON " + body.getNodeType() + "; expected a JSON object");
        }
        TypedVariables codec = variables.of(text(exchange, "etdEngine"));
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("messageName", messageName);
        putIfPresent(request, "businessKey", text(exchange, "etdBusinessKey"));
        putIfPresent(request, "processInstanceId", text(exchange, "etdProcessInstanceId"));
        putIfPresent(request, "tenantId", text(exchange, "etdTenantId"));
        List<String> keys = names(exchange, "etdCorrelationKeys");
        if (!keys.isEmpty()) {
            request.set("correlationKeys", codec.encode(pick(body, keys, messageName)));
        }
        boolean all = exchange.getProperty("etdAll", false, Boolean.class);
        if (!all && !request.has("businessKey") && !request.has("processInstanceId") && keys.isEmpty()) {
            throw new CorrelationException(
                    messageName,
                    "it has neither business key nor process instance id nor correlation keys, so it would match whatever instance"
                            + " waits for a message of this name; send one of them, or correct the kamelet's parameters");
        }
        List<String> written = names(exchange, "etdVariables");
        ObjectNode processVariables = codec.encode(written.isEmpty() ? body : pick(body, written, messageName));
        if (!processVariables.isEmpty()) {
            request.set("processVariables", processVariables);
        }
        request.put("all", all);
        request.put("resultEnabled", true); // or a message to all of nobody would look like a success
        exchange.getMessage().setBody(request);
    }

    private static ObjectNode pick(JsonNode body, List<String> names, String messageName) {
        ObjectNode picked = JsonNodeFactory.instance.objectNode();
        for (String name : names) {
            JsonNode value = body == null ? null : body.get(name);
            if (value == null) {
                throw new CorrelationException(
                        messageName,
                        "the body has no field '" + name + "'; send it, or correct the kamelet's parameters");
            }
            picked.set(name, value);
        }
        return picked;
    }

    private static void putIfPresent(ObjectNode request, String field, String value) {
        if (value != null) {
            request.put(field, value);
        }
    }

    private static List<String> names(Exchange exchange, String property) {
        String text = text(exchange, property);
        return text == null
                ? List.of()
                : Arrays.stream(text.split(",", -1))
                        .map(String::trim)
                        .filter(name -> !name.isEmpty())
                        .toList();
    }

    /** An expression that found nothing leaves null, or nothing, or a JSON null. */
    private static String text(Exchange exchange, String property) {
        Object value = exchange.getProperty(property);
        String text = value instanceof JsonNode json
                ? (json.isNull() ? null : json.asText())
                : (value == null ? null : value.toString());
        return text == null || text.isBlank() ? null : text;
    }
}
