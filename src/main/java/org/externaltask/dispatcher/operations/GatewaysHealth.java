package org.externaltask.dispatcher.operations;

import java.util.Map;
import java.util.TreeMap;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.circuit.Circuits;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Health of the gateways: up when the circuit of every one of them is closed. */
@Component("gateways")
class GatewaysHealth implements HealthIndicator {

    private final Circuits circuits;

    GatewaysHealth(Circuits circuits) {
        this.circuits = circuits;
    }

    @Override
    public Health health() {
        Map<String, Object> details = new TreeMap<>();
        boolean up = true;
        for (Map.Entry<String, Circuit> gateway : circuits.gateways().entrySet()) {
            Circuit.Status status = gateway.getValue().status();
            up &= status.closed();
            Map<String, Object> item = details(status);
            item.putAll(gateway.getValue().lastSeen().details());
            details.put(gateway.getKey(), item);
        }
        return Health.status(up ? "UP" : "DOWN").withDetails(details).build();
    }

    /** What to say of a circuit. */
    static Map<String, Object> details(Circuit.Status status) {
        Map<String, Object> details = new TreeMap<>();
        details.put("circuit", status.state());
        if (!status.closed()) {
            details.put("since", status.since().toString());
            details.put("reason", String.valueOf(status.lastError()));
        }
        return details;
    }
}
