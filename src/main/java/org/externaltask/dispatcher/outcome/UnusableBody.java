package org.externaltask.dispatcher.outcome;

/** A topic's route has ended with a body that cannot become process variables. */
class UnusableBody extends RuntimeException {

    UnusableBody(String found) {
        super("the route ended with " + found + " as its body; expected a JSON object of the variables to write, or nothing:"
                + " map it with jq, or set an empty body");
    }
}
