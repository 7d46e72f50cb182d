package org.externaltask.dispatcher.engine;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** The process instance that a message names is over, so that nobody will ever wait for the message. */
public class InstanceEnded extends PermanentFailure {

    private final boolean completed;
    private final boolean unanswered;

    InstanceEnded(String messageName, boolean completed, boolean unanswered) {
        super("no process instance waits for message '" + messageName + "': the one that it names has "
                + (completed ? "ended" : "been cancelled"));
        this.completed = completed;
        this.unanswered = unanswered;
    }

    /** Whether it has reached an end event, rather than having been cancelled. */
    public boolean isCompleted() {
        return completed;
    }

    /** Whether an earlier try was sent and not answered, so that it may have arrived. */
    public boolean isAfterUnanswered() {
        return unanswered;
    }
}
