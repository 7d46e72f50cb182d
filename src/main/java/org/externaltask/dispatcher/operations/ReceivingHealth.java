package org.externaltask.dispatcher.operations;

import org.externaltask.dispatcher.broker.EngineWatch;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Health of receiving: down while queues are not consumed, because the engine that their messages need is away. */
@Component("receiving")
class ReceivingHealth implements HealthIndicator {

    private final EngineWatch engines;

    ReceivingHealth(EngineWatch engines) {
        this.engines = engines;
    }

    @Override
    public Health health() {
        var stopped = engines.stopped();
        return stopped.isEmpty()
                ? Health.up().build()
                : Health.down().withDetail("stoppedForEngine", stopped).build();
    }
}
