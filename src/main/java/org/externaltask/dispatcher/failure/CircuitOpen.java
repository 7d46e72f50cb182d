package org.externaltask.dispatcher.failure;

/**
 * A call that was not made, because its target keeps failing. Nothing has happened, so nothing is lost: the task goes back to the
 * engine without costing a retry, the message is tried again later. The text is one line that can be shown and logged.
 */
public final class CircuitOpen extends RuntimeException {

    public CircuitOpen(String message) {
        super(message, null, false, false);
    }
}
