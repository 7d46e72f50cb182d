package org.externaltask.dispatcher.usertask;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.engine.EngineFaults;
import org.externaltask.dispatcher.externaltask.SubscriptionKey;
import org.externaltask.dispatcher.externaltask.Subscriptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Says what each engine is to be asked for next about user tasks, and which tasks may be begun. */
@Component("userTaskPlan")
public class UserTaskPlan {

    private static final Logger LOG = LoggerFactory.getLogger(UserTaskPlan.class);

    /** How long a poll waits for something to do at most; whatever changes wakes it up before. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Map<String, EngineUserTasks> engines = new LinkedHashMap<>();
    private final EngineFaults faults;

    UserTaskPlan(EtdProperties properties, UserTaskComponent userTasks, Circuits circuits, EngineFaults faults) {
        this.faults = faults;
        Subscriptions<UserTaskSubscription> subscriptions = userTasks.subscriptions();
        for (String engine : properties.engines().keySet()) {
            engines.put(engine, new EngineUserTasks(engine, () -> subscriptions.of(engine), circuits::room));
        }
        subscriptions.onChange(() -> engines.values().forEach(EngineUserTasks::lookAgain));
        circuits.onChange(() -> engines.values().forEach(EngineUserTasks::lookAgain));
    }

    @EventListener(ContextClosedEvent.class)
    void stop() {
        engines.values().forEach(EngineUserTasks::stop);
    }

    /** The next query for an engine, or null when there is nothing to ask for right now. */
    public UserTaskQuery next(String engine) {
        try {
            return engines.get(engine).next(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /**
     * Takes a page of user tasks.
     *
     * @return the request for their marks ({@code POST /variable-instance} or {@code POST /history/variable-instance}), or null when
     *     none is needed
     */
    public JsonNode listed(JsonNode answer, UserTaskQuery query) {
        List<String> ids = engine(query).listed(list(answer, query), query);
        if (ids.isEmpty()) {
            return null;
        }
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("variableNameLike", Mark.NAMES_LIKE);
        ids.forEach(request.putArray("taskIdIn")::add);
        return request;
    }

    /** Takes the marks of a page; null when none were needed. */
    public void marked(JsonNode answer, UserTaskQuery query) {
        Map<String, Mark> marks = new HashMap<>();
        if (answer != null) {
            for (JsonNode variable : list(answer, query)) {
                Mark mark = Mark.of(variable.path("name").asText(), variable.get("value"));
                marks.compute(variable.path("taskId").asText(), (task, other) -> Mark.both(mark, other));
            }
        }
        engine(query).marked(marks, query);
    }

    /** The query failed: the engine is left alone for a while. */
    public void failed(UserTaskQuery query, Exception cause) {
        LOG.debug("A query for user tasks has failed", cause);
        engine(query).failed(query, faults.count(query.subscription().key().engine(), cause));
    }

    /** The tasks that may be begun now, each with a place kept for it. */
    public List<UserTask> startable(String engine) {
        return engines.get(engine).startable();
    }

    /** Which engines do not answer queries for user tasks, and why. */
    public Map<String, String> problems() {
        Map<String, String> problems = new TreeMap<>();
        engines.forEach((name, engine) -> {
            if (engine.connection().pauseNanos(System.nanoTime()) > 0) {
                problems.put(name, engine.connection().status().reason());
            }
        });
        return problems;
    }

    /** How many user tasks that a route has asked for are in work. */
    public int inWork(SubscriptionKey key) {
        return engines.get(key.engine()).inWork(key);
    }

    /** How often the task has failed, this time included. */
    int failed(UserTask task) {
        int[] failures = new int[1];
        engine(task).about(task, poll -> failures[0] = poll.failed(task));
        return failures[0];
    }

    /** Whether it is the first time that the task is left to another dispatcher, which has begun to hand it out. */
    boolean leave(UserTask task) {
        boolean[] first = new boolean[1];
        engine(task).about(task, poll -> first[0] = poll.leave(task));
        return first[0];
    }

    void postpone(UserTask task, Duration wait) {
        long notBefore = System.nanoTime() + wait.toNanos();
        engine(task).about(task, poll -> poll.postpone(task, notBefore));
    }

    void settled(UserTask task) {
        engine(task).about(task, poll -> poll.settled(task));
    }

    void withdraw(UserTask task) {
        engine(task).withdraw(task);
    }

    void ended(UserTask task) {
        engine(task).about(task, poll -> poll.ended(task));
    }

    private EngineUserTasks engine(UserTask task) {
        return engines.get(task.subscription().key().engine());
    }

    private EngineUserTasks engine(UserTaskQuery query) {
        return engines.get(query.subscription().key().engine());
    }

    private static JsonNode list(JsonNode answer, UserTaskQuery query) {
        if (answer == null || !answer.isArray()) {
            throw new MalformedListException(query.subscription().key().engine());
        }
        return answer;
    }
}
