package org.externaltask.dispatcher.meters;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** When something last went well, and when and how it last went wrong; for people. */
public final class LastSeen {

    private volatile Instant success;
    private volatile Failure failure;

    private record Failure(Instant at, String kind) {}

    public void succeeded() {
        success = Instant.now();
    }

    /** @param kind what went wrong, as the name of a class or a status, without any data */
    public void failed(String kind) {
        failure = new Failure(Instant.now(), kind);
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
