package org.externaltask.dispatcher.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;
import org.externaltask.dispatcher.circuit.CircuitUser;
import org.externaltask.dispatcher.engine.EngineVariables;
import org.externaltask.dispatcher.trace.Spans;
import org.externaltask.dispatcher.trace.TaskLog;
import org.externaltask.dispatcher.trace.TraceParent;
import org.springframework.stereotype.Component;

/**
 * Lays a locked task out for the route of its topic: plain JSON variables in the body, all else in exchange variables, because
 * headers leak onto the wire. Its permit is free again when the exchange is done.
 */
@Component("openTask")
class OpenTask implements Processor {

    private final FetchPlan plan;
    private final EngineVariables engineVariables;

    OpenTask(FetchPlan plan, EngineVariables engineVariables) {
        this.plan = plan;
        this.engineVariables = engineVariables;
    }

    @Override
    public void process(Exchange exchange) {
        Lease lease = exchange.getMessage().getBody(Lease.class);
        LockedTask task = lease.task();
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                plan.release(lease);
                Spans.end(done);
                TaskLog.leave();
            }
        });
        new TaskInWork(lease, null).attachTo(exchange); // before anything can fail, so that the failure can be reported
        exchange.setVariable("businessKey", task.businessKey());
        exchange.setVariable("processInstanceId", task.processInstanceId());
        exchange.setVariable("processDefinitionKey", task.processDefinitionKey());
        exchange.setVariable("activityId", task.activityId());
        exchange.setVariable("retries", task.retries());
        exchange.setVariable("tenantId", task.tenantId());
        exchange.setVariable("extensionProperties", task.extensionProperties());
        CircuitUser.attach(task.subscription(), exchange);
        exchange.setProperty("etdAutoComplete", task.subscription().autoComplete());
        exchange.getMessage().removeHeaders("*");

        if (task.variables() == null) {
            throw new VariablesTooLarge(task);
        }
        JsonNode input = engineVariables.of(task.engine()).decode(task.variables(), task.executionId());
        TraceParent.begin(exchange, input.path(TraceParent.NAME).asText(null), task.processInstanceId());
        Spans.begin(exchange, task.engine(), task.topicName(), task.id());
        new TaskInWork(lease, input).attachTo(exchange);
        exchange.getMessage().setBody(input);
    }
}
