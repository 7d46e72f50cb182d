package org.externaltask.dispatcher.usertask;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A message about a user task that the engine cannot be told. Repeating cannot help. */
class UnusableUserTaskReply extends PermanentFailure {

    UnusableUserTaskReply(String problem) {
        super("the message cannot change a user task: " + problem);
    }
}
