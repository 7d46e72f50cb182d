package org.externaltask.dispatcher.soak;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** What an incident of a soak may come from, by its message. */
enum Cause {
    /** The gateway refused the call as unusable; meant so by the order's number. */
    REFUSED("answered 422", false),
    GATEWAY_ERROR("answered 5\\d\\d", true),
    GATEWAY_SILENT("did not answer within", true),
    GATEWAY_AWAY("was broken off|could not be reached|could not be sent: all connections", true),
    BROKER_AWAY("broker did not confirm|could not be sent to the broker|broker did not take", true);

    private final Pattern message;
    private final boolean passes;

    Cause(String message, boolean passes) {
        this.message = Pattern.compile(message);
        this.passes = passes;
    }

    /** The cause that the message names; none means that nobody could say why the instance stands. */
    static Optional<Cause> of(String message) {
        return Arrays.stream(values())
                .filter(cause ->
                        message != null && cause.message.matcher(message).find())
                .findFirst();
    }

    /** Whether trying again helps, so that an operator does. */
    boolean passes() {
        return passes;
    }
}
