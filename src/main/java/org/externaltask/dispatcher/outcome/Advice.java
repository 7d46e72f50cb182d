package org.externaltask.dispatcher.outcome;

import org.externaltask.dispatcher.broker.PublishFailed;
import org.externaltask.dispatcher.failure.PermanentFailure;
import org.externaltask.dispatcher.fetch.LockedTask;
import org.externaltask.dispatcher.http.HttpCallFailed;

/** Says in a sentence what a person can do about a failed task. */
final class Advice {

    private Advice() {}

    static String on(Throwable error, Outcome.Failure failure, LockedTask task) {
        String next = failure.retries() == 0
                ? ", then replay the incident"
                : "; the task is tried again by itself, tries left: " + failure.retries();
        return what(error, task.topicName()) + next;
    }

    private static String what(Throwable error, String topic) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpCallFailed failed) {
                return call(failed, topic);
            }
            if (cause instanceof PublishFailed failed) {
                return failed.retriable()
                        ? "See that the broker runs and that its queues are not full"
                        : "Give the broker what the message names, or correct " + file(topic);
            }
            if (cause instanceof ReplyMissing) {
                return "See that whoever is to answer runs, or lengthen replyTimeout in " + file(topic);
            }
            if (cause instanceof PermanentFailure) {
                return "Do what the message says";
            }
        }
        return "Look at the details of the incident in the engine and mend " + file(topic);
    }

    private static String call(HttpCallFailed failed, String topic) {
        boolean refused = failed.status() == 401
                || failed.status() == 403
                || failed.reason() == HttpCallFailed.Reason.TOKEN_REFUSED;
        if (failed.isEngine()) {
            return refused ? "Give ETD's user the rights in the " + failed.peer() : "Do what the engine says";
        }
        if (refused) {
            return "Correct etd.gateways." + failed.peerName() + ".authentication, or have the access granted";
        }
        return failed.mayPass()
                ? "See that the " + failed.peer() + " and the service behind it run and answer in time"
                : "Compare path and body in " + file(topic) + " with what the API of the " + failed.peer()
                        + " wants; a status that the process is to handle belongs into bpmnErrors";
    }

    private static String file(String topic) {
        return topic + ".camel.yaml";
    }
}
