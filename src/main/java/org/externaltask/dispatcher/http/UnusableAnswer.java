package org.externaltask.dispatcher.http;

import org.externaltask.dispatcher.failure.PermanentFailure;

/** A peer answered with success, but with something that no route can work with. Repeating cannot help. */
public class UnusableAnswer extends PermanentFailure {

    UnusableAnswer(String topic, HttpCall call, String what) {
        super((topic == null ? "" : topic + ": ") + call + " " + what);
    }
}
