package org.externaltask.dispatcher.outcome;

/** The reply to a task has not come in time; another try may fare better. */
class ReplyMissing extends RuntimeException {

    ReplyMissing(String message) {
        super(message, null, false, false);
    }
}
