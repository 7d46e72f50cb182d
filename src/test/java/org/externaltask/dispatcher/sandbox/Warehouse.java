package org.externaltask.dispatcher.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.externaltask.dispatcher.sandbox.AnsweringSystem.Address;
import org.externaltask.dispatcher.sandbox.AnsweringSystem.Answer;

/**
 * Stands in for the system that orders are sent to: takes a confirmation from the exchange {@code orders} and answers
 * there with the routing key {@code order.received}. Knows nothing of the engine or the dispatcher.
 */
public final class Warehouse implements AutoCloseable {

    public static final String EXCHANGE = "orders";
    public static final String CONFIRMATION = "order.confirmation";
    public static final String RECEIVED = "order.received";
    static final String QUEUE = "warehouse";

    private final AnsweringSystem system;

    private Warehouse(AnsweringSystem system) {
        this.system = system;
    }

    /** Opens the warehouse at a broker on this machine. */
    public static Warehouse open(int brokerPort) {
        return open("localhost", brokerPort);
    }

    /** Opens the warehouse at a broker elsewhere. */
    public static Warehouse open(String brokerHost, int brokerPort) {
        return new Warehouse(AnsweringSystem.open(
                brokerHost,
                brokerPort,
                new Address(EXCHANGE, QUEUE, CONFIRMATION, RECEIVED),
                (confirmation, headers) ->
                        "customer".equals(confirmation.path("recipient").asText())
                                ? Optional.empty()
                                : Optional.of(new Answer(received(confirmation, headers), Map.of()))));
    }

    @Override
    public void close() {
        system.close();
    }

    private static ObjectNode received(JsonNode confirmation, Map<String, Object> headers) {
        ObjectNode received = JsonNodeFactory.instance.objectNode();
        received.set("orderNumber", confirmation.path("orderNumber"));
        if (headers.containsKey("etd-process-instance-id")) {
            received.put(
                    "processInstanceId", headers.get("etd-process-instance-id").toString());
        }
        return received.put(
                "receivedAt", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    }
}
