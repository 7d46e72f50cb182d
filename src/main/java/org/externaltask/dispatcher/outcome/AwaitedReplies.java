package org.externaltask.dispatcher.outcome;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.externaltask.dispatcher.externaltask.Subscription.ReplyTimeout;
import org.externaltask.dispatcher.fetch.LockedTask;
import org.externaltask.dispatcher.fetch.Standby;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Knows which tasks wait for a reply that may not take for ever. When this process ends it is forgotten: the locks run out, and
 * the requests are sent again.
 */
@Component("awaitedReplies")
public class AwaitedReplies {

    private final Map<Key, Awaited> awaited = new ConcurrentHashMap<>();
    private final Standby standby = new Standby(awaited::isEmpty);

    private record Key(String engine, String taskId) {}

    private record Awaited(TaskInWork work, long overdueNanos) {}

    /** The route of a task has ended without completing it. */
    void await(TaskInWork work, ReplyTimeout timeout) {
        LockedTask task = work.task();
        awaited.put(
                new Key(task.engine(), task.id()),
                new Awaited(
                        new TaskInWork(work.lease(), null),
                        System.nanoTime() + timeout.after().toNanos()));
        standby.wake();
    }

    /** A reply has ended the task. */
    void cameFor(String engine, String taskId) {
        awaited.remove(new Key(engine, taskId));
    }

    @EventListener(ContextClosedEvent.class)
    void stop() {
        standby.end();
    }

    /** The tasks whose reply has not come in time, each of them once; while none waits for a reply, it waits for one. */
    public List<TaskInWork> awaitOverdue() throws InterruptedException {
        standby.await();
        long now = System.nanoTime();
        List<TaskInWork> overdue = new ArrayList<>();
        awaited.forEach((key, waiting) -> {
            if (waiting.overdueNanos() - now <= 0 && awaited.remove(key, waiting)) {
                overdue.add(waiting.work());
            }
        });
        return overdue;
    }
}
