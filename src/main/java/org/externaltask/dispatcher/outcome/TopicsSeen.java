package org.externaltask.dispatcher.outcome;

import org.externaltask.dispatcher.fetch.LockedTask;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.externaltask.dispatcher.meters.LastSeen;
import org.externaltask.dispatcher.meters.Tagged;
import org.springframework.stereotype.Component;

/** Knows when a task of each topic was last completed, and with what kind of error one last failed. */
@Component
public class TopicsSeen {

    private final Tagged<LastSeen> topics = Tagged.by(tags -> new LastSeen(), "engine", "topic");

    public LastSeen of(String engine, String topic) {
        return topics.of(engine, topic);
    }

    void completed(LockedTask task) {
        if (task.subscription() != null) {
            of(task.engine(), task.topicName()).succeeded();
        }
    }

    void failed(LockedTask task, Throwable error) {
        of(task.engine(), task.topicName()).failed(kind(error));
    }

    private static String kind(Throwable error) {
        if (error instanceof HttpCallFailed failed) {
            return failed.peer() + ": " + (failed.status() == 0 ? failed.reason() : failed.status());
        }
        return error == null ? "unknown" : error.getClass().getSimpleName();
    }
}
