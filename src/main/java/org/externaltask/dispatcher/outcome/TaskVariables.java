package org.externaltask.dispatcher.outcome;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.engine.EngineVariables;
import org.externaltask.dispatcher.engine.TypedVariables;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.externaltask.dispatcher.json.Json;
import org.springframework.stereotype.Component;

/** Knows which variables a topic's route has written: the fields of its last body, as far as its {@code outputs} allow them. */
@Component
class TaskVariables {

    private final EngineVariables engineVariables;
    private final MeterRegistry meters;

    TaskVariables(EngineVariables engineVariables, MeterRegistry meters) {
        this.engineVariables = engineVariables;
        this.meters = meters;
    }

    /** The typed variables to send to the engine; none when the body is empty, or still what the route began with. */
    ObjectNode written(Exchange exchange) {
        TaskInWork work = TaskInWork.of(exchange).orElseThrow();
        JsonNode last = json(exchange);
        JsonNode body = last == null ? null : work.withoutDownloads(last);
        if (body == null || body.isNull() || body.isMissingNode() || body.equals(work.input())) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (!body.isObject()) {
            throw new UnusableBody("a JSON " + body.getNodeType().name().toLowerCase(Locale.ROOT));
        }
        Subscription subscription = work.task().subscription();
        JsonNode fetched = work.task().variables();
        ObjectNode variables = engineVariables
                .of(work.task().engine())
                .encode(
                        allowed((ObjectNode) body, subscription),
                        subscription.outputTypes(),
                        fetched == null ? MissingNode.getInstance() : fetched);
        TypedVariables.makeTransient(variables, subscription.transientOutputs());
        return variables;
    }

    private ObjectNode allowed(ObjectNode body, Subscription subscription) {
        if (subscription.outputs().isEmpty()) {
            return body;
        }
        List<String> dropped = new ArrayList<>();
        body.fieldNames().forEachRemaining(name -> {
            if (!subscription.outputs().contains(name)) {
                dropped.add(name);
            }
        });
        if (dropped.isEmpty()) {
            return body;
        }
        meters.counter("etd.outputs.dropped", "engine", subscription.engine(), "topic", subscription.topic())
                .increment(dropped.size());
        return body.deepCopy().without(dropped);
    }

    private static JsonNode json(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body instanceof JsonNode json) {
            return json;
        }
        if (body == null) {
            return null;
        }
        if (body instanceof Map<?, ?> map) {
            return Json.MAPPER.valueToTree(map);
        }
        byte[] bytes = body instanceof String || body instanceof byte[] || body instanceof InputStream
                ? exchange.getMessage().getBody(byte[].class)
                : null;
        if (bytes == null) {
            throw new UnusableBody("a " + body.getClass().getSimpleName());
        }
        if (new String(bytes, StandardCharsets.UTF_8).isBlank()) {
            return null;
        }
        try {
            return Json.parse(bytes);
        } catch (IllegalArgumentException e) {
            throw new UnusableBody("text that is no JSON");
        }
    }
}
