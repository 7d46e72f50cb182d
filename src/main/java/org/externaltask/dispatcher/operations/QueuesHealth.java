package org.externaltask.dispatcher.operations;

import java.util.Map;
import org.externaltask.dispatcher.broker.QueuesSeen;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** What was last seen of each queue that is received from; whether they are consumed is in {@code receiving}. */
@Component("queues")
class QueuesHealth implements HealthIndicator {

    private final QueuesSeen queues;

    QueuesHealth(QueuesSeen queues) {
        this.queues = queues;
    }

    @Override
    public Health health() {
        Health.Builder health = Health.up();
        Map<String, Map<String, Object>> details = queues.details();
        details.forEach(health::withDetail);
        return health.build();
    }
}
