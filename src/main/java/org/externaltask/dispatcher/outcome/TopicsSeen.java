package org.externaltask.dispatcher.outcome;

import org.apache.camel.Exchange;
import org.externaltask.dispatcher.fetch.Lease;
import org.externaltask.dispatcher.fetch.LockedTask;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.externaltask.dispatcher.meters.Events;
import org.externaltask.dispatcher.meters.LastSeen;
import org.externaltask.dispatcher.meters.Tagged;
import org.springframework.stereotype.Component;

/** Knows when a task of each topic was last completed, how one last failed, and what became of the latest ones. */
@Component
public class TopicsSeen {

    /** Exchange property with the failure that the engine is being told of. */
    static final String FAILURE = "etdFailure";

    private final Tagged<Seen> topics = Tagged.by(tags -> new Seen(new LastSeen(), new Events()), "engine", "topic");

    private record Seen(LastSeen last, Events events) {}

    public LastSeen of(String engine, String topic) {
        return topics.of(engine, topic).last();
    }

    /** What became of the latest tasks of a topic. */
    public Events events(String engine, String topic) {
        return topics.of(engine, topic).events();
    }

    /** The engine knows what came of a task, or does not want to know, or could not be told. */
    void ended(Lease lease, String outcome, Exchange exchange) {
        LockedTask task = lease.task();
        if (task.subscription() == null) {
            return; // a name that no route knows
        }
        Seen topic = topics.of(task.engine(), task.topicName());
        String event = outcome;
        String message = null;
        if (outcome.equals("completed")) {
            topic.last().succeeded();
        } else if (exchange.getProperty(FAILURE) instanceof Outcome.Failure failure) {
            event = outcome.equals("failure") && failure.retries() == 0 ? "incident" : outcome;
            message = failure.message();
        }
        topic.events()
                .add(
                        task.id(),
                        task.processInstanceId(),
                        task.businessKey(),
                        event,
                        lease.heldNanos(System.nanoTime()),
                        message);
    }

    void failed(LockedTask task, Throwable error, Outcome.Failure failure) {
        of(task.engine(), task.topicName()).failed(kind(error), failure.message(), Advice.on(error, failure, task));
    }

    private static String kind(Throwable error) {
        if (error instanceof HttpCallFailed failed) {
            return failed.peer() + ": " + (failed.status() == 0 ? failed.reason() : failed.status());
        }
        return error == null ? "unknown" : error.getClass().getSimpleName();
    }
}
