package org.externaltask.dispatcher.engine;

import org.externaltask.dispatcher.http.UnusableAnswer;

/** Something answered for an engine, with success but not as an engine does: a proxy's login page, say. */
public class NoUsableAnswer extends RuntimeException {

    private final String engine;

    NoUsableAnswer(String engine, UnusableAnswer cause) {
        super(cause.getMessage(), cause);
        this.engine = engine;
    }

    /** The name of the engine. */
    public String engine() {
        return engine;
    }
}
