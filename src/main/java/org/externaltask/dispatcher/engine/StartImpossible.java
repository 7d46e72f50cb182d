package org.externaltask.dispatcher.engine;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A process that cannot be started as it is asked for, however often it is tried. */
class StartImpossible extends PermanentFailure {

    StartImpossible(String problem) {
        super("the process cannot be started: " + problem);
    }
}
