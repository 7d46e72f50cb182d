package org.externaltask.dispatcher.http;

/** A call that cannot be made from what the exchange holds, such as a missing path variable. Repeating cannot help. */
public class UnusableRequest extends RuntimeException {

    UnusableRequest(String topic, HttpCall call, String what) {
        super((topic == null ? "" : topic + ": ") + call + " " + what);
    }
}
