package org.externaltask.dispatcher.reload;

/** The topic files cannot be loaded at start-up; says what was found and what to do. */
class TopicFilesUnusable extends IllegalStateException {

    private final String action;

    TopicFilesUnusable(String description, String action) {
        super(description);
        this.action = action;
    }

    String action() {
        return action;
    }
}
