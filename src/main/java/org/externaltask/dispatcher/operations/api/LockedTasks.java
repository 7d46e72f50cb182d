package org.externaltask.dispatcher.operations.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import org.externaltask.dispatcher.engine.EngineDate;
import org.externaltask.dispatcher.engine.WorkerIds;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.operations.api.TaskSearch.Those;
import org.springframework.stereotype.Component;

/** Asks the engines which tasks of a topic are locked: those in work anywhere, and those that wait for a reply. */
@Component
class LockedTasks {

    /** How many are listed. */
    private static final int MOST = 100;

    private final EngineRequests engines;
    private final WorkerIds workerIds;

    LockedTasks(EngineRequests engines, WorkerIds workerIds) {
        this.engines = engines;
        this.workerIds = workerIds;
    }

    /**
     * A task that is locked.
     *
     * @param lockedBy the worker id of who has locked it
     * @param here whether that is this dispatcher
     * @param until when the lock is over, unless it is extended
     */
    record Locked(
            String taskId, String processInstanceId, String businessKey, String lockedBy, boolean here, String until) {}

    /** At most a hundred, in no order. */
    List<Locked> list(Subscription topic) {
        int lookedAt = new AskedFor(topic.filter()).lookAtFor(MOST);
        String own = workerIds.of(topic.engine());
        return TaskSearch.found(
                        engines.send(topic.engine(), "find-tasks", TaskSearch.variables(topic, Those.LOCKED, lookedAt)))
                .stream()
                .limit(MOST)
                .map(task -> locked(task, own))
                .toList();
    }

    private static Locked locked(JsonNode task, String own) {
        String worker = task.path("workerId").asText(null);
        return new Locked(
                task.path("id").asText(),
                task.path("processInstanceId").asText(null),
                task.path("businessKey").asText(null),
                worker,
                own.equals(worker),
                EngineDate.read(task.path("lockExpirationTime").asText(""))
                        .map(date -> date.toInstant())
                        .map(Instant::toString)
                        .orElse(null));
    }
}
