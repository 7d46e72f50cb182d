package org.externaltask.dispatcher.broker;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.externaltask.dispatcher.circuit.Circuits;
import org.springframework.stereotype.Component;

/** The Camel component {@code publish:<exchange>}: a message counts as sent when the broker has confirmed and routed it. */
@Component("publish")
class PublishComponent extends DefaultComponent {

    private final Publisher publisher;
    private final Circuits circuits;

    PublishComponent(Publisher publisher, Circuits circuits) {
        this.publisher = publisher;
        this.circuits = circuits;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String exchange, Map<String, Object> parameters) throws Exception {
        if (exchange.isBlank()) {
            throw new IllegalArgumentException(
                    "publish: needs the name of an exchange, for example publish:orders (or publish:default"
                            + " for the broker's default exchange, where the routing key is the name of a queue)");
        }
        PublishEndpoint endpoint = new PublishEndpoint(uri, this, exchange, publisher, circuits.broker());
        setProperties(endpoint, parameters);
        if ((exchange + endpoint.destination().routingKey()).contains("${")) {
            throw new IllegalArgumentException(
                    "publish:" + exchange + ": exchange and routingKey are fixed texts; ${…} is not evaluated in them");
        }
        return endpoint;
    }
}
