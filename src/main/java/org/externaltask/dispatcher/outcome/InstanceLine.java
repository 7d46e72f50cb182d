package org.externaltask.dispatcher.outcome;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.SynchronizationAdapter;
import org.externaltask.dispatcher.engine.KameletParameters;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/**
 * Lets the results of one process instance reach the engine one after the other. Sent at the same time, most of them are refused for
 * an optimistic lock and cost the engine more than half of its speed; results of different instances wait for nobody. Who waits holds
 * no thread, but for a reply, which keeps the one that received it. A result that collided with somebody else, such as another replica,
 * keeps its place while it is repeated, or it would collide with those behind it; one that cannot be taken for another reason is
 * repeated outside the line, so that it holds up no other.
 */
@Component("instanceLine")
class InstanceLine extends AsyncProcessorSupport {

    private static final String PLACE = "etdLine";

    private final Executor threads;

    /** Those who wait for the one whose turn it is; null while nobody does. */
    private final Map<Line, Queue<Runnable>> lines = new HashMap<>();

    /** In a thread that takes the turns of a line: the line, until the one whose turn it is has left. */
    private final ThreadLocal<Line> inTurn = new ThreadLocal<>();

    private record Line(String engine, String processInstanceId) {}

    InstanceLine(@Qualifier("taskThreads") Executor threads) {
        this.threads = threads;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Optional<TaskInWork> work = TaskInWork.of(exchange);
        String processInstanceId =
                work.map(mine -> mine.task().processInstanceId()).orElseGet(() -> repliedTo(exchange));
        if (processInstanceId == null) {
            callback.done(true);
            return true;
        }
        String engine =
                work.map(mine -> mine.task().engine()).orElseGet(() -> exchange.getProperty("etdEngine", String.class));
        boolean first = enter(engine, processInstanceId, exchange, doneSync -> {
            if (!doneSync) {
                work.ifPresent(TaskInWork::nameInLog); // its turn comes in another thread
            }
            callback.done(doneSync);
        });
        if (!first) {
            TaskInWork.noneInLog();
        }
        return first;
    }

    /** Said by the sender of a reply, so it decides about nothing but for whom the reply waits. */
    private static String repliedTo(Exchange exchange) {
        String parameter = new KameletParameters(exchange, UnusableReply::new).text("etdProcessInstanceId");
        return parameter != null ? parameter : exchange.getMessage().getHeader("etd-process-instance-id", String.class);
    }

    boolean enter(String engine, String processInstanceId, Exchange exchange, AsyncCallback callback) {
        Line line = new Line(engine, processInstanceId);
        exchange.setProperty(PLACE, line);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                if (done.removeProperty(PLACE) instanceof Line left) {
                    if (left.equals(inTurn.get())) {
                        inTurn.remove();
                    } else {
                        handOver(left);
                    }
                }
            }
        });
        if (isFree(line, () -> callback.done(false))) {
            callback.done(true);
            return true;
        }
        return false;
    }

    /** It is the next one's turn, while this exchange goes on with something else. */
    void leave(Exchange exchange) {
        if (exchange.removeProperty(PLACE) instanceof Line line) {
            handOver(line);
        }
    }

    private void handOver(Line line) {
        Runnable next = next(line);
        if (next != null) {
            threads.execute(() -> takeTurns(line, next));
        }
    }

    /** One thread for as many as possible: to wake another one for each result costs a tenth of all CPU of a task. */
    private void takeTurns(Line line, Runnable first) {
        Runnable turn = first;
        while (turn != null) {
            inTurn.set(line);
            turn.run();
            boolean over = inTurn.get() == null;
            inTurn.remove();
            turn = over ? next(line) : null;
        }
    }

    private synchronized boolean isFree(Line line, Runnable turn) {
        if (!lines.containsKey(line)) {
            lines.put(line, null);
            return true;
        }
        lines.computeIfAbsent(line, none -> new ArrayDeque<>()).add(turn);
        return false;
    }

    private synchronized Runnable next(Line line) {
        Queue<Runnable> waiting = lines.get(line);
        Runnable next = waiting == null ? null : waiting.poll();
        if (next == null) {
            lines.remove(line);
        }
        return next;
    }
}
