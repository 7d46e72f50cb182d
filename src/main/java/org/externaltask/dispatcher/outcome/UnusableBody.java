package org.externaltask.dispatcher.outcome;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A topic's route has ended with a body that cannot become process variables. */
class UnusableBody extends PermanentFailure {

    UnusableBody(String found) {
        super("the route ended with " + found
                + " as its body; expected a JSON object of the variables to write, or nothing:"
                + " map it with jq, or set an empty body");
    }
}
