package org.externaltask.dispatcher.externaltask;

/** What the {@code from} of a started route asks of an engine. */
public interface Subscribed {

    SubscriptionKey key();

    /** The most tasks in work at once. */
    int maxConcurrent();

    /** The file that the route came from. */
    String source();
}
