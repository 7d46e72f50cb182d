package org.externaltask.dispatcher.outcome;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.externaltask.Subscription.OutputScope;
import org.externaltask.dispatcher.fetch.LockedTask;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.springframework.stereotype.Component;

/** Turns the body that a topic's route ended with into the request that completes its task. */
@Component("completionRequest")
class CompletionRequest implements Processor {

    private final TaskVariables taskVariables;

    CompletionRequest(TaskVariables taskVariables) {
        this.taskVariables = taskVariables;
    }

    @Override
    public void process(Exchange exchange) {
        TaskInWork work = TaskInWork.of(exchange).orElseThrow();
        LockedTask task = work.task();
        if (!work.lease().report(System.nanoTime())) {
            throw new LockLost(task.id());
        }
        ObjectNode variables = taskVariables.written(exchange);
        work.nameTask(exchange);
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("workerId", task.workerId());
        if (!variables.isEmpty()) {
            boolean local = task.subscription().outputScope() == OutputScope.LOCAL;
            request.set(local ? "localVariables" : "variables", variables);
        }
        exchange.getIn().setBody(request);
    }
}
