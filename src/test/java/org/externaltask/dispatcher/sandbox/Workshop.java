package org.externaltask.dispatcher.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.externaltask.dispatcher.sandbox.AnsweringSystem.Address;
import org.externaltask.dispatcher.sandbox.AnsweringSystem.Answer;

/**
 * Stands in for a system whose work takes long: takes a request from the exchange {@code work} and answers there with the routing key
 * {@code work.finished} and the reference of the request, when the work is done.
 */
public final class Workshop implements AutoCloseable {

    public static final String EXCHANGE = "work";
    public static final String START = "work.start";
    public static final String FINISHED = "work.finished";

    /** Work that the workshop takes and never finishes. */
    public static final String ENDLESS = "count the stars";

    static final String QUEUE = "workshop";

    private final AnsweringSystem system;

    private Workshop(AnsweringSystem system) {
        this.system = system;
    }

    public static Workshop open(String brokerHost, int brokerPort) {
        return new Workshop(AnsweringSystem.open(
                brokerHost,
                brokerPort,
                new Address(EXCHANGE, QUEUE, START, FINISHED),
                (request, headers) -> request.path("work").asText().equals(ENDLESS)
                        ? Optional.empty()
                        : Optional.of(new Answer(done(request), Map.of()))));
    }

    @Override
    public void close() {
        system.close();
    }

    private static ObjectNode done(JsonNode request) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.set("reference", request.path("reference"));
        return answer.put("result", "done: " + request.path("work").asText());
    }
}
