package org.externaltask.dispatcher.engine;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A message that can never be correlated as it is, however often it is tried. */
class CorrelationException extends PermanentFailure {

    CorrelationException(String messageName, String problem) {
        super("message '" + messageName + "' cannot be correlated: " + problem);
    }
}
