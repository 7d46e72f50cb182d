package org.externaltask.dispatcher.operations;

import java.util.Map;
import java.util.TreeMap;
import org.externaltask.dispatcher.engine.EngineConnection;
import org.externaltask.dispatcher.fetch.FetchPlan;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Health of the engines: up when every one of them answered its last fetch. */
@Component("engines")
class EnginesHealth implements HealthIndicator {

    private final FetchPlan fetchPlan;

    EnginesHealth(FetchPlan fetchPlan) {
        this.fetchPlan = fetchPlan;
    }

    @Override
    public Health health() {
        Map<String, Object> details = new TreeMap<>();
        boolean up = true;
        for (Map.Entry<String, EngineConnection> engine :
                fetchPlan.connections().entrySet()) {
            EngineConnection.Status status = engine.getValue().status();
            up &= status.answering();
            details.put(engine.getKey(), status.answering() ? "answers" : status.reason());
        }
        return Health.status(up ? "UP" : "DOWN").withDetails(details).build();
    }
}
