package org.externaltask.dispatcher.soak;

/**
 * Something that must never be.
 *
 * @param invariant what does not hold, as a sentence
 * @param about the id of the instance, task or message
 * @param known what is known about it
 */
record Violation(String invariant, String about, String known) {

    @Override
    public String toString() {
        return "%s: %s (%s)".formatted(invariant, about, known);
    }
}
