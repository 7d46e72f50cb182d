package org.externaltask.dispatcher.broker;

/** A message that no route can read, whoever tries and however often. The text says why without quoting the body. */
final class UnreadableMessage extends RuntimeException {

    UnreadableMessage(String message, Throwable cause) {
        super(message, cause);
    }
}
