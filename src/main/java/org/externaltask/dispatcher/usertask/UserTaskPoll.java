package org.externaltask.dispatcher.usertask;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.externaltask.dispatcher.engine.EngineDate;

/**
 * Knows how far the look at one event of a user task has come, and which tasks it has found. It goes from the oldest task to the newest,
 * page by page, and then begins again where it was, less some seconds. All of it may be forgotten: the next look at everything finds the
 * same tasks, and the engine knows which of them are handed out. Guarded by the lock of its {@link EngineUserTasks}.
 */
final class UserTaskPoll {

    /** A task becomes visible when its transaction ends, and its time is from the clock of one of several engine nodes. */
    static final Duration OVERLAP = Duration.ofSeconds(10);

    /** How often everything is looked at, for what came in too late even for that, or has come to fit the filters. */
    static final Duration SWEEP = Duration.ofMinutes(5);

    /** How far back the look goes, as often as that, for ends that came in too late: a process may take minutes to delete. */
    static final Duration LATE_ENDS = SWEEP.multipliedBy(3);

    private static final int KNOWN = 10_000;

    private final OffsetDateTime start;
    private UserTaskSubscription subscription;
    private boolean asked;
    private boolean passOver;
    private boolean sweep;
    private OffsetDateTime from;
    private OffsetDateTime newest;
    private int firstResult;
    private long nextNanos;
    private long nextSweepNanos;

    private final Map<String, UserTask> listed = new LinkedHashMap<>();
    private final Deque<UserTask> waiting = new ArrayDeque<>();
    private final Set<String> inWork = new HashSet<>();
    private final Map<String, Postponed> postponed = new LinkedHashMap<>();
    private final Map<String, UserTask> again = new LinkedHashMap<>();
    private final Map<String, Integer> failures = new HashMap<>();
    private final Set<String> left = new HashSet<>();

    private final Map<String, Boolean> known = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > KNOWN;
        }
    };

    private record Postponed(UserTask task, long notBeforeNanos) {}

    /** @param now the wall clock, from which the look back at tasks that have ended is counted */
    UserTaskPoll(UserTaskSubscription subscription, OffsetDateTime now, long nowNanos) {
        this.start = subscription.isWithdrawal() ? now.minus(subscription.lookBack()) : null;
        begin(subscription, nowNanos);
    }

    UserTaskSubscription subscription() {
        return subscription;
    }

    /** An edited route may ask for other tasks. */
    void use(UserTaskSubscription wanted, long now) {
        if (wanted != subscription) {
            begin(wanted, now);
        }
    }

    private void begin(UserTaskSubscription wanted, long now) {
        subscription = wanted;
        asked = false;
        newest = null;
        nextNanos = now;
        nextSweepNanos = now;
        waiting.clear();
        postponed.clear();
        failures.clear();
        left.clear();
        known.clear();
        again.replaceAll((id, task) -> task.of(wanted));
        passOver = true;
    }

    private void beginPass(long now) {
        passOver = false;
        firstResult = 0;
        boolean farBack = nextSweepNanos - now <= 0;
        if (farBack) {
            nextSweepNanos = now + SWEEP.toNanos();
        }
        sweep = farBack && !subscription.isWithdrawal();
        if (sweep || newest == null) {
            from = start;
        } else {
            from = newest.minus(farBack ? LATE_ENDS : OVERLAP);
        }
    }

    /** How long until the engine is to be asked; {@link Long#MAX_VALUE} while tasks wait that it has listed. */
    long nanosToNextQuery(long now) {
        return asked || !waiting.isEmpty() ? Long.MAX_VALUE : nextNanos - now;
    }

    UserTaskQuery query(long now) {
        if (passOver) {
            beginPass(now);
        }
        asked = true;
        return new UserTaskQuery(subscription, from, firstResult, sweep, now);
    }

    boolean isAnswerTo(UserTaskQuery query) {
        return asked && query.subscription() == subscription;
    }

    /** Takes a page; the answer are the ids of those tasks whose mark decides. */
    List<String> listed(List<ListedTask> page, UserTaskQuery query, long now) {
        listed.clear();
        for (ListedTask entry : page) {
            UserTask task = entry.task();
            if (newest == null || entry.time().isAfter(newest)) {
                newest = entry.time();
            }
            boolean settled = known.containsKey(task.id()) && !query.sweep();
            if (!settled && !inWork.contains(task.id()) && !postponed.containsKey(task.id()) && fits(task)) {
                listed.put(task.id(), task);
            }
        }
        again.values().stream()
                .filter(task -> !inWork.contains(task.id()) && !postponed.containsKey(task.id()))
                .limit(UserTaskQuery.PAGE)
                .forEach(task -> listed.put(task.id(), task));
        if (page.size() < UserTaskQuery.PAGE) {
            nextNanos = now + subscription.pollInterval().toNanos();
            passOver = true;
        } else {
            OffsetDateTime last = page.get(page.size() - 1).time();
            firstResult = last.equals(query.from()) ? query.firstResult() + page.size() : 0;
            from = last;
            nextNanos = now;
        }
        return List.copyOf(listed.keySet());
    }

    /** The query for open tasks has this filter itself; the history does not know it, but says the key of each task. */
    private boolean fits(UserTask task) {
        List<String> keys = subscription.filter().processDefinitionKeys();
        return !subscription.isWithdrawal() || keys.isEmpty() || keys.contains(task.processDefinitionKey());
    }

    /** Takes the marks of the tasks that were listed: what is to be done waits from now on. */
    void marked(Map<String, Mark> marks) {
        asked = false;
        again.keySet().removeAll(listed.keySet());
        listed.forEach((id, task) -> {
            Mark mark = marks.get(id);
            if (subscription.isWithdrawal() ? Mark.isToWithdraw(mark) : Mark.isOpen(mark)) {
                waiting.add(task);
            } else {
                known.put(id, true);
            }
        });
        listed.clear();
    }

    /** The engine did not answer: the same page is asked for again. */
    void notAnswered() {
        asked = false;
        listed.clear();
    }

    int inWork() {
        return inWork.size();
    }

    /** Tasks that may be begun now. */
    List<UserTask> startable(int room, long now) {
        List<UserTask> startable = new ArrayList<>();
        int free = Math.min(room, subscription.maxConcurrent()) - inWork.size();
        Iterator<Postponed> due = postponed.values().iterator();
        while (startable.size() < free && due.hasNext()) {
            Postponed task = due.next();
            if (task.notBeforeNanos() - now <= 0) {
                startable.add(task.task());
                due.remove();
            }
        }
        while (startable.size() < free && !waiting.isEmpty()) {
            startable.add(waiting.poll());
        }
        startable.forEach(task -> inWork.add(task.id()));
        return startable;
    }

    /** How long until a task may be begun; {@link Long#MAX_VALUE} when there is none, or no room for it. */
    long nanosToNextStart(int room, long now) {
        if (Math.min(room, subscription.maxConcurrent()) <= inWork.size()) {
            return Long.MAX_VALUE;
        }
        return waiting.isEmpty()
                ? postponed.values().stream()
                        .mapToLong(task -> Math.max(0, task.notBeforeNanos() - now))
                        .min()
                        .orElse(Long.MAX_VALUE)
                : 0;
    }

    /** How often the task has failed, this time included. */
    int failed(UserTask task) {
        return failures.merge(task.id(), 1, Integer::sum);
    }

    void postpone(UserTask task, long notBeforeNanos) {
        if (task.subscription() == subscription) {
            postponed.put(task.id(), new Postponed(task, notBeforeNanos));
        }
    }

    /** Nothing is left to do about the task. */
    void settled(UserTask task) {
        failures.remove(task.id());
        left.remove(task.id());
        known.put(task.id(), true);
    }

    /** What was settled may have become untrue: its marks are asked for once more, with the next page. */
    void again(UserTask task) {
        again.put(task.id(), task.of(subscription));
    }

    /** Whether it is the first time that the task is left to another dispatcher. */
    boolean leave(UserTask task) {
        return left.add(task.id());
    }

    void ended(UserTask task) {
        inWork.remove(task.id());
    }

    boolean isIdle() {
        return inWork.isEmpty();
    }

    /** A task with the time by which the engine sorts it. */
    record ListedTask(UserTask task, OffsetDateTime time) {

        /** Empty when the engine's answer lacks what is needed. */
        static Optional<ListedTask> of(JsonNode json, UserTaskQuery query) {
            return UserTask.of(json, query.subscription()).flatMap(task -> EngineDate.read(
                            json.path(query.isOpen() ? "created" : "endTime").asText())
                    .map(time -> new ListedTask(task, time)));
        }
    }
}
