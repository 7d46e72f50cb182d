package org.externaltask.dispatcher.usertask;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;
import org.externaltask.dispatcher.circuit.CircuitUser;
import org.externaltask.dispatcher.engine.EngineVariables;
import org.externaltask.dispatcher.engine.WorkerIds;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The steps of a user task on its way through the route that hands it out, or withdraws it. */
@Configuration(proxyBeanMethods = false)
class HandOver {

    private static final String INPUT = "etdUserTaskInput";

    /** As long as a call may usually take: after that whoever has begun to hand a task out has most likely died. */
    private static final Duration OTHERS_TURN = Duration.ofSeconds(10);

    private final UserTaskPlan plan;
    private final EngineVariables engineVariables;
    private final WorkerIds workerIds;
    private final UserTaskMetrics metrics;

    HandOver(UserTaskPlan plan, EngineVariables engineVariables, WorkerIds workerIds, UserTaskMetrics metrics) {
        this.plan = plan;
        this.engineVariables = engineVariables;
        this.workerIds = workerIds;
        this.metrics = metrics;
    }

    /** Says everything about the task in exchange variables, because headers leak onto the wire. */
    @Bean
    Processor openUserTask() {
        return exchange -> {
            UserTask task = exchange.getMessage().getBody(UserTask.class);
            exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                    plan.ended(task);
                }
            });
            task.attachTo(exchange);
            task.nameTask(exchange);
            exchange.setVariable("event", task.subscription().isWithdrawal() ? "withdrawn" : "created");
            exchange.setVariable("taskName", task.name());
            exchange.setVariable("description", task.description());
            exchange.setVariable("assignee", task.assignee());
            exchange.setVariable("created", task.created());
            exchange.setVariable("due", task.due());
            exchange.setVariable("priority", task.priority());
            exchange.setVariable("processInstanceId", task.processInstanceId());
            exchange.setVariable("processDefinitionKey", task.processDefinitionKey());
            exchange.setVariable("tenantId", task.tenantId());
            CircuitUser.attach(task.subscription(), exchange);
            if (task.subscription().isWithdrawal()) {
                exchange.setProperty("etdIdempotencyKey", task.id() + ":withdrawn"); // not a repeat of the hand-over
            }
            exchange.getMessage().removeHeaders("*");
            exchange.getMessage().setBody(null);
        };
    }

    /** Takes the variables of the task, among them its mark, and goes on only if it is still to be handed out. */
    @Bean
    Processor userTaskInput() {
        return exchange -> {
            UserTask task = UserTask.of(exchange).orElseThrow();
            JsonNode body = exchange.getMessage().getBody(JsonNode.class);
            ObjectNode variables =
                    body instanceof ObjectNode object ? object.deepCopy() : JsonNodeFactory.instance.objectNode();
            Mark mark = Mark.both(mark(variables, Mark.VARIABLE), mark(variables, Mark.ANSWER));
            variables.remove(List.of(Mark.VARIABLE, Mark.ANSWER));
            if (!Mark.isOpen(mark)) {
                throw new HandedOutElsewhere(Duration.ZERO);
            }
            if (mark != null && !mark.by().equals(worker(task)) && plan.leave(task)) {
                throw new HandedOutElsewhere(OTHERS_TURN);
            }
            List<String> wanted = task.subscription().variables();
            if (!wanted.isEmpty()) {
                variables.retain(wanted);
            }
            exchange.setProperty(
                    INPUT,
                    engineVariables.of(task.subscription().key().engine()).decode(variables, task.executionId()));
        };
    }

    /** Before the task application is told: should this process end in between, the task is handed out again. */
    @Bean
    Processor userTaskBegun() {
        return exchange -> mark(exchange, Mark.State.BEGUN);
    }

    @Bean
    Processor userTaskBody() {
        return exchange -> exchange.getMessage().setBody(exchange.removeProperty(INPUT));
    }

    @Bean
    Processor userTaskDone() {
        return exchange -> mark(exchange, Mark.State.DONE);
    }

    @Bean
    Processor userTaskSettled() {
        return exchange -> {
            UserTask task = UserTask.of(exchange).orElseThrow();
            plan.settled(task);
            metrics.count(task, task.subscription().isWithdrawal() ? "withdrawn" : "handedOut");
        };
    }

    private static Mark mark(ObjectNode variables, String name) {
        return Mark.of(name, variables.path(name).get("value"));
    }

    private void mark(Exchange exchange, Mark.State state) {
        UserTask task = UserTask.of(exchange).orElseThrow();
        task.nameTask(exchange);
        exchange.setProperty(HandOverErrors.MARKED, state);
        exchange.getMessage().setBody(Mark.request(state, worker(task)));
    }

    private String worker(UserTask task) {
        return workerIds.of(task.subscription().key().engine());
    }
}
