package org.externaltask.dispatcher.engine;

/** No process instance waits for a message, or not yet, or not any more. */
public class NobodyWaits extends RuntimeException {

    private final boolean unanswered;

    NobodyWaits(String messageName, boolean unanswered) {
        super("no process instance waits for message '" + messageName + "'");
        this.unanswered = unanswered;
    }

    /** Whether an earlier try was sent and not answered, so that it may have arrived. */
    public boolean isAfterUnanswered() {
        return unanswered;
    }
}
