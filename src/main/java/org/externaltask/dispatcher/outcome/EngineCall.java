package org.externaltask.dispatcher.outcome;

import org.apache.camel.Exchange;
import org.externaltask.dispatcher.fetch.LockedTask;

/** Makes an exchange ready for a call to the engine about its task. */
final class EngineCall {

    private EngineCall() {}

    /** A route may have set variables of these names to something else; whom the engine is told about is not its choice. */
    static void prepare(Exchange exchange, LockedTask task) {
        exchange.setVariable("engine", task.engine());
        exchange.setVariable("taskId", task.id());
        exchange.setVariable("workerId", task.workerId());
        exchange.setVariable("topicName", task.topicName());
    }
}
