package org.externaltask.dispatcher.http;

import org.apache.camel.Exchange;
import org.externaltask.dispatcher.circuit.Circuit;

/** Calls a gateway as long as its circuit permits, tells the circuit how the call went, and measures it. */
class GatewayProducer extends HttpPeerProducer {

    private final HttpCall call;
    private final Circuit circuit;
    private final GatewayMeters meters;

    GatewayProducer(HttpPeerEndpoint endpoint, Circuit circuit, GatewayMeters meters) {
        super(endpoint);
        this.call = endpoint.call();
        this.circuit = circuit;
        this.meters = meters;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        try (Circuit.Permission permission = circuit.permission(exchange)) {
            long started = System.nanoTime();
            String outcome = "unusable"; // the request cannot be made, or the answer not be read
            try {
                super.process(exchange);
                permission.succeeded();
                outcome = "2xx";
            } catch (HttpCallFailed e) {
                outcome = GatewayMeters.outcome(e);
                if (e.mayPass()) {
                    permission.failed(e);
                } else {
                    permission.succeeded();
                }
                throw e;
            } catch (UnusableAnswer e) {
                permission.succeeded();
                throw e;
            } finally {
                meters.called(call, exchange, outcome, System.nanoTime() - started);
            }
        }
    }
}
