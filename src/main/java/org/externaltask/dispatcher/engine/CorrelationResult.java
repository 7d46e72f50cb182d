package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.stereotype.Component;

/** Looks whether a correlation met anybody, and leaves an empty body. */
@Component("correlationResult")
class CorrelationResult implements Processor {

    @Override
    public void process(Exchange exchange) {
        JsonNode result = exchange.getMessage().getBody(JsonNode.class);
        if (result != null && result.isArray() && result.isEmpty()) {
            throw new NobodyWaits(
                    String.valueOf(exchange.getProperty("etdMessageName")),
                    CorrelationRefusal.isAfterUnanswered(exchange));
        }
        exchange.getMessage().setBody(null);
    }
}
