package org.externaltask.dispatcher.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.trace.TaskLog;

/**
 * A task on its way through the route of its topic, carried in an exchange property that no route author sees.
 *
 * @param lease the task, and how long it may be worked on
 * @param input the body that the route began with, to tell a body that the route made from one that it left alone
 */
public record TaskInWork(Lease lease, JsonNode input) {

    private static final String PROPERTY = "etdTask";

    /** The task of an exchange; empty in a route that no task runs through, such as one that receives messages. */
    public static Optional<TaskInWork> of(Exchange exchange) {
        return Optional.ofNullable(exchange.getProperty(PROPERTY, TaskInWork.class));
    }

    /** The task as the engine sent it. */
    public LockedTask task() {
        return lease.task();
    }

    /** Makes an exchange one that works on this task. */
    public void attachTo(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
        nameInLog();
        nameTask(exchange);
    }

    /** For the thread that goes on with the work. */
    public void nameInLog() {
        LockedTask task = task();
        TaskLog.enter(task.engine(), task.topicName(), task.id(), task.processInstanceId(), task.businessKey());
    }

    /** For a thread that goes on to something else. */
    public static void noneInLog() {
        TaskLog.leave();
    }

    /**
     * Says in exchange variables which task a call to the engine is about. A route may have set variables of these names to
     * something else; whom the engine is told about is not its choice.
     */
    public void nameTask(Exchange exchange) {
        exchange.setVariable("engine", task().engine());
        exchange.setVariable("taskId", task().id());
        exchange.setVariable("workerId", task().workerId());
        exchange.setVariable("topicName", task().topicName());
    }
}
