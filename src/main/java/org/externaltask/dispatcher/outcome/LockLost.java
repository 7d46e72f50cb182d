package org.externaltask.dispatcher.outcome;

/** The engine has said, while the route was at work, that the task is not ours any more; this was logged and counted then. */
class LockLost extends RuntimeException {

    LockLost(String taskId) {
        super("task " + taskId + " is not ours any more", null, false, false);
    }
}
