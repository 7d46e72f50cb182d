package org.externaltask.dispatcher.http;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A peer answered with success, but with something that no route can work with. Repeating cannot help. */
public class UnusableAnswer extends PermanentFailure {

    private final transient byte[] beginning;

    UnusableAnswer(String topic, HttpCall call, String what) {
        this(topic, call, what, new byte[0]);
    }

    UnusableAnswer(String topic, HttpCall call, String what, byte[] beginning) {
        super((topic == null ? "" : topic + ": ") + call + " " + what);
        this.beginning = beginning;
    }

    /** Of an answer that is too large, as much as may be read; of any other nothing. Data of somebody else, not for logs. */
    public byte[] beginning() {
        return beginning.clone();
    }
}
