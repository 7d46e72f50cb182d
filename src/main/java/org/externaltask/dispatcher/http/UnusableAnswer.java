package org.externaltask.dispatcher.http;

/** A peer answered with success, but with something that no route can work with. Repeating cannot help. */
public class UnusableAnswer extends RuntimeException {

    UnusableAnswer(String topic, HttpCall call, String what) {
        super((topic == null ? "" : topic + ": ") + call + " " + what);
    }
}
