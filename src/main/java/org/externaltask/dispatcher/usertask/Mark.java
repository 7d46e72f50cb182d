package org.externaltask.dispatcher.usertask;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * What the engine remembers of a user task for all dispatchers: local variables of the task, each a line such as
 * {@code done 2026-01-31T12:00:00Z worker-1}. Who hands the task out writes one, who takes the answer another: the answer may come while
 * the task is being handed out, and neither may overwrite the other.
 *
 * @param state how far the task is
 * @param by the worker id of the dispatcher that has set it
 */
record Mark(State state, String by) {

    /** How far handing out is; a person who deletes it has the task handed out again. */
    static final String VARIABLE = "etdHandedOut";

    /** That the task application has answered. */
    static final String ANSWER = "etdAnswered";

    /** Finds both, in the engine's words. */
    static final String NAMES_LIKE = "etd%";

    enum State {
        /** Somebody is about to hand it out, and may have done so. */
        BEGUN,
        /** It is in the task application. */
        DONE,
        /** It could not be handed out, as far as is known, and a person has to look. */
        FAILED,
        /** The task application has answered, so that it need not be told of the end. */
        ANSWERED
    }

    /** Null when the variable is no mark, or has no value; one that cannot be read was set by a person, who wants the task left alone. */
    static Mark of(String variable, JsonNode value) {
        if (value == null || value.isNull() || value.isMissingNode()) {
            return null;
        }
        if (variable.equals(ANSWER)) {
            return new Mark(State.ANSWERED, "");
        }
        if (!variable.equals(VARIABLE)) {
            return null;
        }
        String[] words = value.asText().split(" ", 3);
        for (State state : State.values()) {
            if (words[0].equals(word(state))) {
                return new Mark(state, words.length == 3 ? words[2] : "");
            }
        }
        return new Mark(State.DONE, "");
    }

    /** The request as {@code PUT /task/{id}/localVariables/{name}} wants it. */
    static JsonNode request(State state, String by) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "String")
                .put("value", word(state) + " " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + " " + by);
    }

    /** Whether a task with it may be handed out: again, when somebody has begun and perhaps not ended. */
    static boolean isOpen(Mark mark) {
        return mark == null || mark.state == State.BEGUN;
    }

    /** Whether the task application has to be told when a task with it ends: it may have even one that could not be handed out. */
    static boolean isToWithdraw(Mark mark) {
        return mark != null && mark.state != State.ANSWERED;
    }

    /** What both marks of a task say together; either may be null. */
    static Mark both(Mark one, Mark other) {
        return one == null || (other != null && other.state == State.ANSWERED) ? other : one;
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
