package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/** Reads what a kamelet that talks to the engine has put into exchange properties, and the fields of the body that it names. */
public final class KameletParameters {

    /** The engine's columns hold 64 characters; whatever else a message holds there is no id, and has no place in a log. */
    private static final Pattern ID = Pattern.compile("[\\x21-\\x7e]{1,64}");

    private final Exchange exchange;
    private final Function<String, ? extends RuntimeException> complaint;

    /** @param complaint makes the exception out of what is wrong with the message */
    public KameletParameters(Exchange exchange, Function<String, ? extends RuntimeException> complaint) {
        this.exchange = exchange;
        this.complaint = complaint;
    }

    /** An expression that found nothing leaves null, or nothing, or a JSON null: all of that is null here. */
    public String text(String property) {
        Object value = exchange.getProperty(property);
        String text = value instanceof JsonNode json
                ? (json.isNull() ? null : json.asText())
                : (value == null ? null : value.toString());
        return text == null || text.isBlank() ? null : text;
    }

    /**
     * An id of the engine.
     *
     * @param name what it is, for people
     * @param advice what to do when it is missing
     */
    public String id(String property, String name, String advice) {
        String id = text(property);
        if (id == null) {
            throw complaint.apply("it has no " + name + "; " + advice);
        }
        if (!ID.matcher(id).matches()) {
            throw complaint.apply("its " + name + " is no id of the engine; send back what the request said");
        }
        return id;
    }

    /** Names separated by commas. */
    public List<String> names(String property) {
        String text = text(property);
        return text == null
                ? List.of()
                : Arrays.stream(text.split(",", -1))
                        .map(String::trim)
                        .filter(name -> !name.isEmpty())
                        .toList();
    }

    /** The body, a JSON object or null. */
    public JsonNode body() {
        JsonNode body = exchange.getMessage().getBody(JsonNode.class);
        if (body != null && !body.isObject() && !body.isNull()) {
            throw complaint.apply("the body is a JSON " + body.getNodeType() + "; expected a JSON object");
        }
        return body;
    }

    /** The fields of the body that are named, each of which it must have. */
    public ObjectNode fields(List<String> names) {
        JsonNode body = body();
        ObjectNode picked = JsonNodeFactory.instance.objectNode();
        for (String name : names) {
            JsonNode value = body == null ? null : body.get(name);
            if (value == null) {
                throw complaint.apply(
                        "the body has no field '" + name + "'; send it, or correct the kamelet's parameters");
            }
            picked.set(name, value);
        }
        return picked;
    }
}
