package org.externaltask.dispatcher.engine;

import java.io.IOException;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.FluentProducerTemplate;
import org.springframework.stereotype.Component;

/** Asks an engine by a route of the machinery, which knows the engine's REST API. */
@Component
public class EngineCall {

    private final CamelContext camel;

    EngineCall(CamelContext camel) {
        this.camel = camel;
    }

    /**
     * Waits for the answer.
     *
     * @param route what to ask, as {@code direct:} names it
     * @param variables what the route needs to know
     * @return the exchange, which has an exception when the engine did not do it
     */
    public Exchange send(String engine, String route, Map<String, Object> variables) throws IOException {
        try (FluentProducerTemplate template = camel.createFluentProducerTemplate()) {
            return template.withProcessor(exchange -> {
                        exchange.setProperty("etdEngine", engine);
                        variables.forEach(exchange::setVariable);
                    })
                    .to("direct:" + route)
                    .send();
        }
    }
}
