package org.externaltask.dispatcher.usertask;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.stereotype.Component;

/** Counts what became of user tasks, and what came back about them. */
@Component
class UserTaskMetrics {

    private final MeterRegistry meters;

    UserTaskMetrics(MeterRegistry meters) {
        this.meters = meters;
    }

    void count(UserTask task, String outcome) {
        UserTaskSubscription.Key key = task.subscription().key();
        meters.counter("etd.user.tasks", "engine", key.engine(), "task", key.taskDefinitionKey(), "outcome", outcome)
                .increment();
    }

    void countReply(String engine, String outcome) {
        meters.counter("etd.user.task.replies", "engine", engine, "outcome", outcome)
                .increment();
    }
}
