package org.externaltask.dispatcher.externaltask;

/** A task was sent to a topic that has no started route, for example because its file was just removed. */
public class NoSuchSubscriptionException extends RuntimeException {

    NoSuchSubscriptionException(Subscription.Key key) {
        super("topic '" + key.topic() + "' of engine '" + key.engine()
                + "' has no started route; add or start the route whose from is external-task:" + key.topic());
    }
}
