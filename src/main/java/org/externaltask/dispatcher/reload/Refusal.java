package org.externaltask.dispatcher.reload;

/**
 * A topic file that is not taken up, and why.
 *
 * @param file the file
 * @param reason where in it, what was found, and what to do
 */
record Refusal(TopicFile file, String reason) {

    @Override
    public String toString() {
        return file.path() + ": " + reason;
    }
}
