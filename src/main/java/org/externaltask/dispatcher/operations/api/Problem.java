package org.externaltask.dispatcher.operations.api;

/** Why something is not done, in a sentence for the person who asked for it. */
final class Problem extends RuntimeException {

    private final int status;

    private Problem(int status, String message) {
        super(message, null, false, false); // expected, and its stack says nothing
        this.status = status;
    }

    /** There is no such thing. */
    static Problem notFound(String message) {
        return new Problem(404, message);
    }

    /** Who asked has to ask for something else. */
    static Problem badRequest(String message) {
        return new Problem(400, message);
    }

    /** Whoever is needed for it does not do it now. */
    static Problem unavailable(String message) {
        return new Problem(503, message);
    }

    /** The status of the answer. */
    int status() {
        return status;
    }
}
