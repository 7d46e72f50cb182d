package org.externaltask.dispatcher.broker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import org.externaltask.dispatcher.json.Json;

/** Writes what is needed of the broker as a definitions file of RabbitMQ, for {@code rabbitmqctl import_definitions}. */
final class Definitions {

    private Definitions() {}

    static JsonNode of(Needs needs, String virtualHost) {
        ObjectNode definitions = JsonNodeFactory.instance.objectNode();
        var exchanges = definitions.putArray("exchanges");
        needs.exchanges().forEach(exchange -> exchanges
                .addObject()
                .put("name", exchange.getName())
                .put("vhost", virtualHost)
                .put("type", exchange.getType())
                .put("durable", exchange.isDurable())
                .put("auto_delete", exchange.isAutoDelete())
                .put("internal", false)
                .set("arguments", arguments(exchange.getArguments())));
        var queues = definitions.putArray("queues");
        needs.queues().forEach(queue -> queues.addObject()
                .put("name", queue.getName())
                .put("vhost", virtualHost)
                .put("durable", queue.isDurable())
                .put("auto_delete", queue.isAutoDelete())
                .set("arguments", arguments(queue.getArguments())));
        var bindings = definitions.putArray("bindings");
        needs.bindings().forEach(binding -> bindings.addObject()
                .put("source", binding.getExchange())
                .put("vhost", virtualHost)
                .put("destination", binding.getDestination())
                .put("destination_type", "queue")
                .put("routing_key", binding.getRoutingKey())
                .set("arguments", arguments(binding.getArguments())));
        return definitions;
    }

    private static JsonNode arguments(Map<String, Object> arguments) {
        return Json.MAPPER.valueToTree(arguments == null ? Map.of() : new TreeMap<>(arguments));
    }
}
