package org.externaltask.dispatcher.engine;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** Several process instances wait for a message that is meant for one. */
class SeveralWait extends PermanentFailure {

    SeveralWait(String messageName) {
        super("several process instances wait for message '" + messageName
                + "'; send a business key, process instance id or correlation keys that only one of them has");
    }
}
