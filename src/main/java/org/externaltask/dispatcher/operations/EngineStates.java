package org.externaltask.dispatcher.operations;

import java.util.Map;
import java.util.TreeMap;
import org.externaltask.dispatcher.engine.EngineConnection;
import org.externaltask.dispatcher.fetch.FetchPlan;
import org.externaltask.dispatcher.usertask.UserTaskPlan;
import org.springframework.stereotype.Component;

/** Says which engines answer: their last fetch, and their last query for user tasks. */
@Component
public class EngineStates {

    private final FetchPlan fetchPlan;
    private final UserTaskPlan userTaskPlan;

    EngineStates(FetchPlan fetchPlan, UserTaskPlan userTaskPlan) {
        this.fetchPlan = fetchPlan;
        this.userTaskPlan = userTaskPlan;
    }

    /**
     * How an engine is.
     *
     * @param reason why it is not up; null when it is
     */
    public record State(boolean up, String reason) {}

    /** By the configured names. */
    public Map<String, State> all() {
        Map<String, String> problems = userTaskPlan.problems();
        Map<String, State> states = new TreeMap<>();
        fetchPlan
                .connections()
                .forEach((engine, connection) -> states.put(engine, state(engine, connection, problems.get(engine))));
        return states;
    }

    private State state(String engine, EngineConnection connection, String problem) {
        EngineConnection.Status status = connection.status();
        if (!status.answering()) {
            return new State(false, status.reason());
        }
        if (problem != null) {
            return new State(false, problem);
        }
        return fetchPlan.isStuck(engine)
                ? new State(false, "a fetch has been open for more than three times the time that it may take")
                : new State(true, null);
    }
}
