package org.externaltask.dispatcher.externaltask;

/** What identifies a subscription: each may have one route an engine. */
public interface SubscriptionKey {

    /** Name of the configured engine. */
    String engine();

    /** What is subscribed to, for people: {@code topic} or {@code user task}. */
    String kind();

    /** Which one of its kind. */
    String name();

    /** What the route's {@code from} says. */
    String uri();
}
