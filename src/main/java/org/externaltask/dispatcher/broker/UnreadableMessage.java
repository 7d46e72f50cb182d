package org.externaltask.dispatcher.broker;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A message that no route can read, whoever tries and however often. The text says why without quoting the body. */
final class UnreadableMessage extends PermanentFailure {

    UnreadableMessage(String message, Throwable cause) {
        super(message, cause);
    }
}
