package org.externaltask.dispatcher.operations.api;

import java.io.IOException;
import java.util.Map;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.engine.EngineCall;
import org.externaltask.dispatcher.engine.EngineFaults;
import org.springframework.stereotype.Component;

/** Asks engines for somebody who waits at a page: what does not work out is a {@link Problem}. */
@Component
class EngineRequests {

    private final EngineCall engines;
    private final EngineFaults faults;

    EngineRequests(EngineCall engines, EngineFaults faults) {
        this.engines = engines;
        this.faults = faults;
    }

    /** @param route of the machinery, which knows the engine's REST API */
    Exchange send(String engine, String route, Map<String, Object> variables) {
        Exchange answered;
        try {
            answered = engines.send(engine, route, variables);
        } catch (IOException | RuntimeException e) { // Camel stops
            throw Problem.unavailable("engine " + engine + " cannot be asked: the dispatcher is stopping");
        }
        if (answered.getException() instanceof Problem problem) {
            throw problem;
        }
        if (answered.getException() != null) {
            throw Problem.unavailable(
                    faults.count(engine, answered.getException()).reason());
        }
        return answered;
    }
}
