package org.externaltask.dispatcher.engine;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.Locale;
import java.util.Optional;

/** Turns the engine's date format, {@code 2026-01-02T03:04:05.678+0100}, into ISO 8601 and back; the offset stays. */
public final class EngineDate {

    private static final DateTimeFormatter ENGINE = strict("uuuu-MM-dd'T'HH:mm:ss.SSSxx");
    private static final DateTimeFormatter ISO = strict("uuuu-MM-dd'T'HH:mm:ss.SSSxxx");
    private static final DateTimeFormatter ANY_ISO = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .appendPattern("[XXX][X]")
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private EngineDate() {}

    public static Optional<String> toIso(String engineDate) {
        return convert(engineDate, ENGINE, ISO);
    }

    static Optional<String> fromIso(String isoDate) {
        return convert(isoDate, ANY_ISO, ENGINE);
    }

    /** A date as the engine wrote it; empty when it is none. */
    public static Optional<OffsetDateTime> read(String engineDate) {
        try {
            return Optional.of(OffsetDateTime.parse(engineDate, ENGINE));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** A date as the engine reads it. */
    public static String of(OffsetDateTime date) {
        return ENGINE.format(date);
    }

    private static Optional<String> convert(String text, DateTimeFormatter from, DateTimeFormatter to) {
        try {
            OffsetDateTime date = OffsetDateTime.parse(text, from);
            return date.getYear() < 1 || date.getYear() > 9999 ? Optional.empty() : Optional.of(to.format(date));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static DateTimeFormatter strict(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);
    }
}
