package org.externaltask.dispatcher.http;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.component.http.HttpMethods;
import org.springframework.boot.convert.DurationStyle;

/**
 * What a route says about one call, validated.
 *
 * @param peer who is called
 * @param method the HTTP method
 * @param path what follows the base URL
 * @param query the query without its question mark, or null
 * @param timeout how long the answer may take
 * @param idempotent whether the call may be repeated once after a quick failure
 * @param tenantHeader the header that carries the tenant of the task, or null when the peer is not told
 * @param answer what is expected in an answer
 * @param maxBytes the largest answer that is read
 */
record HttpCall(
        HttpPeer peer,
        HttpMethods method,
        PathTemplate path,
        PathTemplate query,
        Duration timeout,
        boolean idempotent,
        TenantHeader tenantHeader,
        Answer answer,
        int maxBytes) {

    private static final List<HttpMethods> METHODS = List.of(
            HttpMethods.GET,
            HttpMethods.HEAD,
            HttpMethods.POST,
            HttpMethods.PUT,
            HttpMethods.PATCH,
            HttpMethods.DELETE);
    private static final Set<HttpMethods> WITH_BODY = EnumSet.of(HttpMethods.POST, HttpMethods.PUT, HttpMethods.PATCH);
    /** What a successful answer holds. */
    enum Answer {
        JSON,
        /** Bytes of whatever type; the body becomes the {@link HttpContent}. */
        CONTENT
    }

    private static final Pattern DURATION = Pattern.compile("\\d{1,9}(ms|s|m|h)");

    /** Reads the options of an endpoint; each may be null, but for {@code path}. */
    static HttpCall of(
            HttpPeer peer,
            String method,
            String path,
            String query,
            String timeout,
            String idempotent,
            String tenantHeader,
            String answer,
            String maxBytes) {
        if (path == null) {
            throw new IllegalArgumentException(
                    "option path is missing: say which resource of the %s is called, for example path: /customers/{customerNumber}"
                            .formatted(peer));
        }
        return new HttpCall(
                peer,
                method(method),
                PathTemplate.path(path),
                query == null || query.isEmpty() ? null : PathTemplate.query(query),
                timeout == null ? peer.responseTimeout() : timeout(timeout),
                idempotent(idempotent),
                tenantHeader == null || tenantHeader.isEmpty() ? null : TenantHeader.named(tenantHeader),
                answer(answer),
                maxBytes(maxBytes, peer));
    }

    boolean sendsBody() {
        return WITH_BODY.contains(method);
    }

    /** The most that the call may take in all, its repeat included. */
    Duration longest() {
        return peer.connectTimeout().plus(timeout).plus(RepeatOnce.SOON).multipliedBy(idempotent ? 2 : 1);
    }

    /** Whether making it twice may change something twice. */
    boolean changes() {
        return method != HttpMethods.GET && method != HttpMethods.HEAD;
    }

    boolean hasVariables() {
        return path.hasVariables() || (query != null && query.hasVariables());
    }

    /** For messages: without any value of a task, so that it can be shown and logged. */
    @Override
    public String toString() {
        return method + " " + path + " on " + peer;
    }

    private static HttpMethods method(String method) {
        return METHODS.stream()
                .filter(known -> known.name().equals(method == null ? "POST" : method))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("option method=%s: must be one of %s"
                        .formatted(method, METHODS.stream().map(Enum::name).collect(Collectors.joining(", ")))));
    }

    private static Duration timeout(String timeout) {
        Duration duration = DURATION.matcher(timeout).matches() ? DurationStyle.SIMPLE.parse(timeout) : Duration.ZERO;
        if (duration.isZero()) {
            throw new IllegalArgumentException(
                    "option timeout=%s: must be a duration above zero with its unit, for example 500ms, 5s or 1m"
                            .formatted(timeout));
        }
        return duration;
    }

    private static Answer answer(String answer) {
        if (answer == null || answer.equals("json") || answer.equals("content")) {
            return "content".equals(answer) ? Answer.CONTENT : Answer.JSON;
        }
        throw new IllegalArgumentException("option answer=%s: must be json or content".formatted(answer));
    }

    private static int maxBytes(String maxBytes, HttpPeer peer) {
        if (maxBytes == null || maxBytes.isEmpty()) {
            return peer.maxResponseBytes();
        }
        if (!maxBytes.matches("[1-9]\\d{0,8}")) {
            throw new IllegalArgumentException(
                    "option maxBytes=%s: must be a whole number from 1 to 999999999".formatted(maxBytes));
        }
        return Math.min(Integer.parseInt(maxBytes), peer.maxResponseBytes());
    }

    private static boolean idempotent(String idempotent) {
        if (idempotent == null || idempotent.equals("false") || idempotent.equals("true")) {
            return "true".equals(idempotent);
        }
        throw new IllegalArgumentException("option idempotent=%s: must be true or false".formatted(idempotent));
    }
}
