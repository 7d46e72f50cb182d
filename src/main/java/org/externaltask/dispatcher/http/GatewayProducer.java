package org.externaltask.dispatcher.http;

import org.apache.camel.Exchange;
import org.externaltask.dispatcher.circuit.Circuit;

/** Calls a gateway as long as its circuit permits, and tells the circuit how the call went. */
class GatewayProducer extends HttpPeerProducer {

    private final Circuit circuit;

    GatewayProducer(HttpPeerEndpoint endpoint, Circuit circuit) {
        super(endpoint);
        this.circuit = circuit;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        try (Circuit.Permission call = circuit.permission(exchange)) {
            try {
                super.process(exchange);
                call.succeeded();
            } catch (HttpCallFailed e) {
                if (e.mayPass()) {
                    call.failed(e);
                } else {
                    call.succeeded();
                }
                throw e;
            } catch (UnusableAnswer e) {
                call.succeeded();
                throw e;
            }
        }
    }
}
