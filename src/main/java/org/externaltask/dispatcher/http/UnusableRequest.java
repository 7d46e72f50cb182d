package org.externaltask.dispatcher.http;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A call that cannot be made from what the exchange holds, such as a missing path variable. Repeating cannot help. */
class UnusableRequest extends PermanentFailure {

    UnusableRequest(String topic, HttpCall call, String what) {
        super((topic == null ? "" : topic + ": ") + call + " " + what);
    }
}
