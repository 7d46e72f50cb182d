package org.externaltask.dispatcher.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.trace.TaskLog;

/**
 * A task on its way through the route of its topic, carried in an exchange property that no route author sees.
 *
 * @param lease the task, and how long it may be worked on
 * @param input the body that the route began with, to tell a body that the route made from one that it left alone
 * @param downloaded the variables whose content the route has asked for, as it got them
 */
public record TaskInWork(Lease lease, JsonNode input, Map<String, JsonNode> downloaded) {

    private static final String PROPERTY = "etdTask";

    public TaskInWork(Lease lease, JsonNode input) {
        this(lease, input, new ConcurrentHashMap<>());
    }

    /** The task of an exchange; empty in a route that no task runs through, such as one that receives messages. */
    public static Optional<TaskInWork> of(Exchange exchange) {
        return Optional.ofNullable(exchange.getProperty(PROPERTY, TaskInWork.class));
    }

    /** The task as the engine sent it. */
    public LockedTask task() {
        return lease.task();
    }

    /** A body with the references that the route began with in place of the contents that it has downloaded and left alone. */
    public JsonNode withoutDownloads(JsonNode body) {
        if (downloaded.isEmpty() || !body.isObject()) {
            return body;
        }
        ObjectNode without = body.deepCopy();
        downloaded.forEach((name, content) -> {
            if (content.equals(without.get(name))) {
                without.set(name, input.get(name));
            }
        });
        return without;
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
