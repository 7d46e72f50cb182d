package org.externaltask.dispatcher.outcome;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A reply that no task can be ended with. Repeating cannot help. */
class UnusableReply extends PermanentFailure {

    UnusableReply(String problem) {
        super("the reply cannot end a task: " + problem);
    }
}
