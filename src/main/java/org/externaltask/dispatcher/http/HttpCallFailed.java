package org.externaltask.dispatcher.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;

/**
 * A peer did not answer, or not with success (2xx). The message is one line without values of the task and without a word of the
 * answer, so that it can be shown and logged; the rest is in the accessors.
 */
public class HttpCallFailed extends RuntimeException {

    private static final Set<Reason> NEVER_SENT = EnumSet.of(
            Reason.CONNECTION_REFUSED,
            Reason.CONNECT_TIMEOUT,
            Reason.UNKNOWN_HOST,
            Reason.HOST_NOT_ALLOWED,
            Reason.TLS,
            Reason.NO_FREE_CONNECTION,
            Reason.NO_TOKEN,
            Reason.TOKEN_REFUSED);

    /** Exchange property with the status of the latest answer. */
    public static final String STATUS = "etdHttpStatus";

    /** Why there is no success. */
    public enum Reason {
        /** There is an answer; {@link #status()} says which. */
        STATUS,
        CONNECTION_REFUSED,
        /** No connection in time. */
        CONNECT_TIMEOUT,
        UNKNOWN_HOST,
        /** {@code etd.egress.allowed-hosts} does not have it, or not where its name leads now. */
        HOST_NOT_ALLOWED,
        TLS,
        /** The connections of this peer are all in use. */
        NO_FREE_CONNECTION,
        /** Sent, but no (whole) answer in time: it may have been done. */
        TIMEOUT,
        /** Broken off, perhaps after it was done. */
        RESET,
        /** The token endpoint of the peer gave no token, but may do so later; the peer was not called. */
        NO_TOKEN,
        /** The token endpoint of the peer does not know who we are; the peer was not called. */
        TOKEN_REFUSED,
        /** Anything else, such as an answer that is not HTTP. */
        OTHER
    }

    private final transient HttpCall call;
    private final Reason reason;
    private final int status;
    private final Duration retryAfter;
    private final String excerpt;
    private final transient JsonNode json;

    private HttpCallFailed(
            HttpCall call,
            Reason reason,
            String what,
            int status,
            Duration retryAfter,
            String excerpt,
            JsonNode json,
            Exception cause) {
        super(call + " " + what, cause);
        this.call = call;
        this.reason = reason;
        this.status = status;
        this.retryAfter = retryAfter;
        this.excerpt = excerpt;
        this.json = json;
    }

    static HttpCallFailed answered(HttpCall call, ClassicHttpResponse response, HttpAnswer answer) {
        return new HttpCallFailed(
                call,
                Reason.STATUS,
                "answered " + response.getCode(),
                response.getCode(),
                RetryAfter.of(response).orElse(null),
                answer.excerpt(),
                answer.problem().orElse(null),
                null);
    }

    static HttpCallFailed withoutAnswer(HttpCall call, Exception cause) {
        return new HttpCallFailed(
                call,
                reason(cause),
                whatHappened(cause, call.peer().connectTimeout(), call.timeout()),
                0,
                null,
                "",
                null,
                cause);
    }

    /** What an error means that came instead of an answer, for people. */
    static String whatHappened(Exception cause, Duration connectTimeout, Duration timeout) {
        return switch (reason(cause)) {
            case CONNECTION_REFUSED -> "could not be reached: connection refused";
            case CONNECT_TIMEOUT -> "could not be reached: no connection within " + readable(connectTimeout);
            case UNKNOWN_HOST -> "could not be reached: unknown host";
            case TLS -> "could not be reached: no secure connection (certificate or TLS version)";
            case NO_FREE_CONNECTION -> "could not be sent: all connections are in use";
            case TIMEOUT -> "did not answer within " + readable(timeout);
            case RESET -> "was broken off before the answer was complete";
            case NO_TOKEN, TOKEN_REFUSED, HOST_NOT_ALLOWED -> "was not sent: " + cause.getMessage();
            case STATUS, OTHER ->
                "failed: "
                        + (cause instanceof MessageConstraintException
                                ? "the head of the answer is too large"
                                : cause.getClass().getSimpleName());
        };
    }

    /** Who was called, for example {@code gateway default}. */
    public String peer() {
        return call.peer().toString();
    }

    /** The name that the configuration gives to whom was called, for example {@code default}. */
    public String peerName() {
        return call.peer().name();
    }

    /** Whether an engine was called, rather than a gateway. */
    public boolean isEngine() {
        return call.peer().role() == HttpPeer.Role.ENGINE;
    }

    public String method() {
        return call.method().name();
    }

    /** The path as the route states it, with its variables unfilled. */
    public String path() {
        return call.path().toString();
    }

    public Reason reason() {
        return reason;
    }

    /** The HTTP status, or 0 when there was no answer. */
    public int status() {
        return status;
    }

    /** Whether a later call may succeed: there was no answer at all, or a status by which a server says that it may do better later. */
    public boolean mayPass() {
        return (status == 0 && reason != Reason.TOKEN_REFUSED)
                || status == 408
                || status == 425
                || status == 429
                || status >= 500;
    }

    /** Whether the call was sent, so that it may have been done whatever came back. */
    public boolean wasSent() {
        return !NEVER_SENT.contains(reason);
    }

    /** How long the peer asks to be left alone: never negative, not capped. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** The first 8 kB of the answer's body; data of somebody else, not for logs. */
    public String excerpt() {
        return excerpt;
    }

    /** The answer's body if it is JSON, for example {@code application/problem+json}. */
    public Optional<JsonNode> json() {
        return Optional.ofNullable(json);
    }

    private static Reason reason(Exception cause) {
        if (cause instanceof NoToken noToken) {
            return noToken.isRefused() ? Reason.TOKEN_REFUSED : Reason.NO_TOKEN;
        } else if (cause instanceof ConnectTimeoutException) {
            return Reason.CONNECT_TIMEOUT;
        } else if (cause instanceof ConnectionRequestTimeoutException) {
            return Reason.NO_FREE_CONNECTION;
        } else if (cause instanceof SocketTimeoutException) {
            return Reason.TIMEOUT;
        } else if (cause instanceof HostNotAllowed) {
            return Reason.HOST_NOT_ALLOWED;
        } else if (cause instanceof UnknownHostException) {
            return Reason.UNKNOWN_HOST;
        } else if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
            return Reason.CONNECTION_REFUSED;
        } else if (cause instanceof SSLException) {
            return Reason.TLS;
        } else if (cause instanceof SocketException
                || cause instanceof NoHttpResponseException
                || cause instanceof ConnectionClosedException
                || cause instanceof EOFException) {
            return Reason.RESET;
        }
        return Reason.OTHER;
    }

    private static String readable(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
