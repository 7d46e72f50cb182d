package org.externaltask.dispatcher.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.externaltask.dispatcher.sandbox.AnsweringSystem.Address;
import org.externaltask.dispatcher.sandbox.AnsweringSystem.Answer;

/**
 * Stand in for the suppliers who are asked for offers: take a request from the exchange {@code offers} and reply there with the
 * routing key {@code offer.received}, sending back the headers that say which task the request came from. Asking twice does no
 * harm: the reply is the same.
 */
public final class Suppliers implements AutoCloseable {

    public static final String EXCHANGE = "offers";
    public static final String REQUEST = "offer.request";
    public static final String RECEIVED = "offer.received";
    static final String QUEUE = "suppliers";

    /** What no supplier has. */
    public static final String SOLD_OUT = "moon dust";

    private static final List<String> RETURNED_HEADERS =
            List.of("etd-task-id", "etd-worker-id", "etd-process-instance-id");

    private final AnsweringSystem system;

    private Suppliers(AnsweringSystem system) {
        this.system = system;
    }

    public static Suppliers open(String brokerHost, int brokerPort) {
        return new Suppliers(AnsweringSystem.open(
                brokerHost,
                brokerPort,
                new Address(EXCHANGE, QUEUE, REQUEST, RECEIVED),
                (request, headers) -> Optional.of(new Answer(offer(request), returned(headers)))));
    }

    @Override
    public void close() {
        system.close();
    }

    private static ObjectNode offer(JsonNode request) {
        ObjectNode offer = JsonNodeFactory.instance.objectNode();
        return request.path("item").asText().equals(SOLD_OUT)
                ? offer.put("refusal", "sold out")
                : offer.put("price", 100 + request.path("supplier").asInt());
    }

    private static Map<String, Object> returned(Map<String, Object> headers) {
        Map<String, Object> returned = new HashMap<>(headers);
        returned.keySet().retainAll(RETURNED_HEADERS);
        return returned;
    }
}
