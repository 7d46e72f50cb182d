package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.externaltask.dispatcher.http.UnusableAnswer;

/**
 * What a failed call to the engine means. Bodies are JSON {@code {type, message, code}} when the engine itself answers, and
 * anything or nothing when a proxy does; codes are those of the engine's {@code BuiltinExceptionCode}.
 */
public enum EngineAnswer {
    /** The task, instance or definition does not exist (any more). */
    GONE,
    /** Another worker holds the task, or its lock is over. */
    LOCK_LOST,
    /** Somebody else has claimed the user task. */
    CLAIMED_BY_ANOTHER,
    /** Somebody changed the same process instance at the same time; the same call may be repeated at once. */
    OPTIMISTIC_LOCK,
    /** Too many requests, or a moment of maintenance: it says when to come again. */
    THROTTLED,
    /** The call can never succeed as it is. */
    BAD_REQUEST,
    /** The engine took the call, but a later step of the process failed, and everything was rolled back. */
    CANNOT_PROCEED,
    /** No usable answer from the engine: none at all, or a proxy's. */
    UNREACHABLE,
    /** Credentials are missing, wrong or not enough. */
    UNAUTHORISED;

    private static final int CODE_OPTIMISTIC_LOCK = 1;
    private static final int CODE_DEADLOCK = 10_000;
    private static final int CODE_COLUMN_TOO_SMALL = 10_002;

    /** Empty when the error is no answer of an engine, nor the lack of one. */
    public static Optional<EngineAnswer> meaningOf(Throwable error) {
        if (error instanceof UnusableAnswer) {
            return Optional.of(UNREACHABLE);
        }
        return error instanceof HttpCallFailed failed ? Optional.of(of(failed)) : Optional.empty();
    }

    public static EngineAnswer of(HttpCallFailed failed) {
        JsonNode body = failed.json().orElse(null);
        String message = body == null ? "" : body.path("message").asText("");
        int code = body == null ? 0 : body.path("code").asInt(0);
        if (failed.reason() == HttpCallFailed.Reason.TOKEN_REFUSED) {
            return UNAUTHORISED;
        }
        return switch (failed.status()) {
            case 400 -> isLockLost(message) ? LOCK_LOST : BAD_REQUEST;
            case 401, 403 -> UNAUTHORISED;
            case 404 -> body == null ? UNREACHABLE : GONE;
            case 429 -> THROTTLED;
            case 500 -> internalError(body, message, code);
            case 503 -> failed.retryAfter().isPresent() ? THROTTLED : UNREACHABLE;
            default -> failed.status() >= 400 && failed.status() < 500 ? BAD_REQUEST : UNREACHABLE;
        };
    }

    /** What the answer to a call about a user task means; other than for external tasks, a task that is gone is a 500. */
    public static EngineAnswer ofUserTask(HttpCallFailed failed) {
        JsonNode body = failed.json().orElse(null);
        if (failed.status() == 500 && body != null) {
            String message = body.path("message").asText("");
            if (message.contains("Cannot find task with id") || message.contains("task is null")) {
                return GONE;
            }
            if (body.path("type").asText("").equals("TaskAlreadyClaimedException")
                    || message.contains("is already claimed by someone else")) {
                return CLAIMED_BY_ANOTHER;
            }
        }
        return of(failed);
    }

    private static EngineAnswer internalError(JsonNode body, String message, int code) {
        if (body == null || !body.has("type")) {
            return UNREACHABLE;
        }
        if (code == CODE_OPTIMISTIC_LOCK || code == CODE_DEADLOCK) {
            return OPTIMISTIC_LOCK;
        }
        if (code == CODE_COLUMN_TOO_SMALL) {
            return BAD_REQUEST;
        }
        return message.contains("too many requests") ? THROTTLED : CANNOT_PROCEED;
    }

    /** The engine has no code for a lost lock; these are its messages in 7.24 and in Operaton 1.0. */
    private static boolean isLockLost(String message) {
        return message.contains("is locked by worker") || message.contains("Cannot extend a lock that expired");
    }

    /** Whether the same call may succeed in a moment. */
    public boolean isPassing() {
        return this == OPTIMISTIC_LOCK || this == THROTTLED || this == UNREACHABLE;
    }

    /** Whether the engine refused the content of the call, rather than the task being out of our hands. */
    public boolean isRefusal() {
        return this == BAD_REQUEST || this == CANNOT_PROCEED;
    }
}
