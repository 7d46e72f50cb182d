package org.externaltask.dispatcher.operations;

import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.circuit.Circuits;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether the broker takes messages; whether it can be reached at all is in Spring's own {@code rabbit}. */
@Component("broker")
class PublishingHealth implements HealthIndicator {

    private final Circuits circuits;

    PublishingHealth(Circuits circuits) {
        this.circuits = circuits;
    }

    @Override
    public Health health() {
        Circuit.Status status = circuits.broker().status();
        return status.closed()
                ? Health.up().withDetail("circuit", status.state()).build()
                : Health.down().withDetails(GatewaysHealth.details(status)).build();
    }
}
