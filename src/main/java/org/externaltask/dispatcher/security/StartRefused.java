package org.externaltask.dispatcher.security;

/** The dispatcher does not start, because it would not be safe as it is configured. */
class StartRefused extends RuntimeException {

    private final String action;

    /** @param action what to change */
    StartRefused(String problem, String action) {
        super(problem);
        this.action = action;
    }

    String action() {
        return action;
    }
}
