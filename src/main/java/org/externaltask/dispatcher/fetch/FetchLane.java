package org.externaltask.dispatcher.fetch;

/** The two requests that may be open to one engine at a time. */
public enum FetchLane {
    /** Asks for every topic that has room, and lets the engine hold the request open until there is work. */
    LONG_POLL,
    /** Asks, without waiting, for topics that got room or a route while the long poll was already open without them. */
    CATCH_UP
}
