package org.externaltask.dispatcher.operations;

import java.util.Map;
import java.util.TreeMap;
import org.externaltask.dispatcher.engine.EngineConnection;
import org.externaltask.dispatcher.fetch.FetchPlan;
import org.externaltask.dispatcher.usertask.UserTaskPlan;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Health of the engines: up when every one of them answered its last fetch, and its last query for user tasks. */
@Component("engines")
class EnginesHealth implements HealthIndicator {

    private final FetchPlan fetchPlan;
    private final UserTaskPlan userTaskPlan;

    EnginesHealth(FetchPlan fetchPlan, UserTaskPlan userTaskPlan) {
        this.fetchPlan = fetchPlan;
        this.userTaskPlan = userTaskPlan;
    }

    @Override
    public Health health() {
        Map<String, Object> details = new TreeMap<>();
        Map<String, String> problems = userTaskPlan.problems();
        boolean up = problems.isEmpty();
        for (Map.Entry<String, EngineConnection> engine :
                fetchPlan.connections().entrySet()) {
            EngineConnection.Status status = engine.getValue().status();
            boolean stuck = fetchPlan.isStuck(engine.getKey());
            up &= status.answering() && !stuck;
            String reason = status.answering() ? problems.get(engine.getKey()) : status.reason();
            if (stuck && reason == null) {
                reason = "a fetch has been open for more than three times the time that it may take";
            }
            details.put(engine.getKey(), reason == null ? "answers" : reason);
        }
        return Health.status(up ? "UP" : "DOWN").withDetails(details).build();
    }
}
