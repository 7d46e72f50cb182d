package org.externaltask.dispatcher.usertask;

/** An engine, or a proxy before it, has answered a query for user tasks with something else than a list. */
class MalformedListException extends RuntimeException {

    MalformedListException(String engine) {
        super("engine " + engine
                + " answered a query for user tasks with no list; look whether its base-url leads to the engine");
    }
}
