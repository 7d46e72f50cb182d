package org.externaltask.dispatcher.usertask;

import java.time.Duration;

/** Another dispatcher has handed the task out, or has begun to. */
class HandedOutElsewhere extends RuntimeException {

    private final Duration lookAgain;

    /** @param lookAgain when to look again; zero when there is nothing left to do */
    HandedOutElsewhere(Duration lookAgain) {
        super("another dispatcher has handed the task out", null, false, false); // control flow: its stack says nothing
        this.lookAgain = lookAgain;
    }

    Duration lookAgain() {
        return lookAgain;
    }
}
