package org.externaltask.dispatcher.fetch;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** The variables of one task alone are more than an answer of the engine may hold. */
class VariablesTooLarge extends PermanentFailure {

    VariablesTooLarge(LockedTask task) {
        super(
                "%s: the variables of the task are larger than an answer of the engine may be: list fewer in `variables` of the topic, or raise etd.engines.%s.max-response-bytes"
                        .formatted(task.topicName(), task.engine()));
    }
}
