package org.externaltask.dispatcher.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;

/** Reads {@code Retry-After}: seconds or a date. */
final class RetryAfter {

    private static final Pattern SECONDS = Pattern.compile("-?\\d{1,9}");

    private RetryAfter() {}

    /** Never negative; empty when the header is missing or cannot be read. */
    static Optional<Duration> of(HttpResponse response) {
        return value(response, HttpHeaders.RETRY_AFTER)
                .flatMap(value -> SECONDS.matcher(value).matches()
                        ? Optional.of(Duration.ofSeconds(Long.parseLong(value)))
                        : until(value, response))
                .map(wait -> wait.isNegative() ? Duration.ZERO : wait);
    }

    // Measured on the clock that wrote the date, where that is known: ours may be wrong.
    private static Optional<Duration> until(String date, HttpResponse response) {
        Instant now =
                value(response, HttpHeaders.DATE).flatMap(RetryAfter::instant).orElseGet(Instant::now);
        return instant(date).map(then -> Duration.between(now, then));
    }

    private static Optional<Instant> instant(String date) {
        try {
            return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> value(HttpResponse response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null
                ? Optional.empty()
                : Optional.ofNullable(header.getValue()).map(String::trim);
    }
}
