package org.externaltask.dispatcher.engine;

/** A message that can never be correlated as it is, however often it is tried. */
public class CorrelationException extends RuntimeException {

    CorrelationException(String messageName, String problem) {
        super("message '" + messageName + "' cannot be correlated: " + problem);
    }
}
