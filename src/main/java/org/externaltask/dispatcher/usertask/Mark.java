package org.externaltask.dispatcher.usertask;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * What the engine remembers of a user task for all dispatchers: a local variable of the task, a line such as
 * {@code done 2026-01-31T12:00:00Z worker-1}.
 *
 * @param state how far the task is
 * @param by the worker id of the dispatcher that has set it
 */
record Mark(State state, String by) {

    /** The variable; a person who deletes it has the task handed out again. */
    static final String VARIABLE = "etdHandedOut";

    enum State {
        /** Somebody is about to hand it out, and may have done so. */
        BEGUN,
        /** It is in the task application. */
        DONE,
        /** It could not be handed out, and a person has to look. */
        FAILED,
        /** The task application has answered, so that it need not be told of the end. */
        ANSWERED
    }

    /** Null when there is none; one that cannot be read was set by a person, who wants the task left alone. */
    static Mark of(JsonNode value) {
        if (value == null || value.isNull() || value.isMissingNode()) {
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

    /** Whether the task application has to be told when a task with it ends. */
    static boolean isToWithdraw(Mark mark) {
        return mark != null && (mark.state == State.BEGUN || mark.state == State.DONE);
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
