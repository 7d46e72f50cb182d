package org.externaltask.dispatcher.engine;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A signal that cannot be thrown as it is asked for, however often it is tried. */
class SignalImpossible extends PermanentFailure {

    SignalImpossible(String problem) {
        super("the signal cannot be thrown: " + problem);
    }
}
