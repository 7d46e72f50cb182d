package org.externaltask.dispatcher.outcome;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.springframework.stereotype.Component;

/**
 * Ends the route of a topic with the BPMN error that the kamelet {@code raise-bpmn-error} has put into exchange properties. A route that
 * receives a reply has no task of its own, and goes on to tell the engine.
 */
@Component("raiseBpmnError")
class RaiseBpmnError implements Processor {

    @Override
    public void process(Exchange exchange) {
        if (TaskInWork.of(exchange).isPresent()) {
            throw new BpmnErrorRaised(
                    exchange.getProperty("etdBpmnErrorCode", String.class),
                    exchange.getProperty("etdBpmnErrorMessage", "", String.class));
        }
    }
}
