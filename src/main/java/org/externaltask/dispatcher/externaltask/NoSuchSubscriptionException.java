package org.externaltask.dispatcher.externaltask;

/** A task was sent to a topic, or as a user task, that has no started route, for example because its file was just removed. */
public class NoSuchSubscriptionException extends RuntimeException {

    NoSuchSubscriptionException(SubscriptionKey key) {
        super(key.kind() + " '" + key.name() + "' of engine '" + key.engine()
                + "' has no started route; add or start the route whose from is " + key.uri());
    }
}
