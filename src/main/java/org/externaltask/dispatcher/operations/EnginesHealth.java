package org.externaltask.dispatcher.operations;

import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Health of the engines: up when every one of them answered its last fetch, and its last query for user tasks. */
@Component("engines")
class EnginesHealth implements HealthIndicator {

    private final EngineStates engines;

    EnginesHealth(EngineStates engines) {
        this.engines = engines;
    }

    @Override
    public Health health() {
        Map<String, EngineStates.State> states = engines.all();
        Map<String, Object> details = new TreeMap<>();
        states.forEach((engine, state) -> details.put(engine, state.up() ? "answers" : state.reason()));
        boolean up = states.values().stream().allMatch(EngineStates.State::up);
        return Health.status(up ? "UP" : "DOWN").withDetails(details).build();
    }
}
