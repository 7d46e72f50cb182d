package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.stereotype.Component;

/**
 * Says whether it is worth waiting for the instance that a message names, from the instance's history ({@code null} when the engine
 * keeps none or does not show it): as long as it does not say that the instance is over, it is.
 */
@Component("instanceOfMessage")
class InstanceOfMessage implements Processor {

    @Override
    public void process(Exchange exchange) {
        JsonNode instance = exchange.getMessage().getBody(JsonNode.class);
        String messageName = String.valueOf(exchange.getProperty("etdMessageName"));
        boolean unanswered = CorrelationRefusal.isAfterUnanswered(exchange);
        exchange.removeVariable(CorrelationRefusal.INSTANCE);
        if (instance != null && instance.path("endTime").isTextual()) {
            boolean completed = instance.path("state").asText().equals("COMPLETED");
            throw new InstanceEnded(messageName, completed, unanswered);
        }
        throw new NobodyWaits(messageName, unanswered);
    }
}
