package org.externaltask.dispatcher.failure;

/**
 * Something that repeating cannot help: the task becomes an incident, the message is parked, at once. The text is one line that a
 * person can act on, without values of the process, so that it can be shown and logged.
 */
public abstract class PermanentFailure extends RuntimeException {

    protected PermanentFailure(String message) {
        super(message);
    }

    protected PermanentFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
