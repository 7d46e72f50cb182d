package org.externaltask.dispatcher.http;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;

/**
 * Repeats an idempotent call once and soon, when the peer was out of reach or its proxy says so. How long to wait is never left to
 * the peer: a long {@code Retry-After} is for the engine to wait, not for a thread.
 */
final class RepeatOnce implements HttpRequestRetryStrategy {

    static final RepeatOnce INSTANCE = new RepeatOnce();

    static final Duration SOON = Duration.ofMillis(300);
    private static final Set<Integer> PASSING = Set.of(502, 503, 504);

    private RepeatOnce() {}

    @Override
    public boolean retryRequest(HttpRequest request, IOException failure, int attempt, HttpContext context) {
        return attempt == 1
                && !(failure instanceof SSLException)
                && !(failure instanceof ConnectionRequestTimeoutException);
    }

    @Override
    public boolean retryRequest(HttpResponse response, int attempt, HttpContext context) {
        return attempt == 1 && PASSING.contains(response.getCode());
    }

    @Override
    public TimeValue getRetryInterval(HttpRequest request, IOException failure, int attempt, HttpContext context) {
        return TimeValue.of(SOON);
    }

    @Override
    public TimeValue getRetryInterval(HttpResponse response, int attempt, HttpContext context) {
        return TimeValue.of(SOON);
    }
}
