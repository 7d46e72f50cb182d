package org.externaltask.dispatcher.meters;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** When something last went well, and when and how it last went wrong; for people. */
public final class LastSeen {

    private volatile Instant success;
    private volatile Failure failure;

    /**
     * How something last went wrong.
     *
     * @param kind what went wrong, as the name of a class or a status, without any data
     * @param message one line for people, as it may stand in the log; null when there is none
     * @param advice what a person can do about it; null when nobody has said
     */
    public record Failure(Instant at, String kind, String message, String advice) {}

    public void succeeded() {
        success = Instant.now();
    }

    /** @param kind what went wrong, as the name of a class or a status, without any data */
    public void failed(String kind) {
        failed(kind, null, null);
    }

    /** The parameters are those of {@link Failure}. */
    public void failed(String kind, String message, String advice) {
        failure = new Failure(Instant.now(), kind, message, advice);
    }

    /** When it last went well; empty when it never has. */
    public Optional<Instant> success() {
        return Optional.ofNullable(success);
    }

    /** How it last went wrong; empty when it never has. */
    public Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }

    /** For a health item: {@code lastSuccess}, {@code lastError} and {@code lastErrorAt}, as far as there has been one. */
    public Map<String, Object> details() {
        Map<String, Object> details = new TreeMap<>();
        if (success != null) {
            details.put("lastSuccess", success.toString());
        }
        Failure latest = failure;
        if (latest != null) {
            details.put("lastError", latest.kind());
            details.put("lastErrorAt", latest.at().toString());
        }
        return details;
    }
}
