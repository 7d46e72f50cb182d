package org.externaltask.dispatcher.http;

import java.io.IOException;

/** A token endpoint gave no token. The message says why and what to do, without secrets; there is no cause, which could quote them. */
class NoToken extends IOException {

    private final boolean refused;

    private NoToken(String message, boolean refused) {
        super(message);
        this.refused = refused;
    }

    /** It says that it will never give one, unless somebody corrects something. */
    static NoToken refused(String message) {
        return new NoToken(message, true);
    }

    /** It may give one later. */
    static NoToken forNow(String message) {
        return new NoToken(message, false);
    }

    boolean isRefused() {
        return refused;
    }
}
