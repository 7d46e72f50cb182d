package org.externaltask.dispatcher.engine;

/** No process instance waits for a message, or not yet. */
public class NobodyWaits extends RuntimeException {

    NobodyWaits(String messageName) {
        super("no process instance waits for message '" + messageName + "'");
    }
}
