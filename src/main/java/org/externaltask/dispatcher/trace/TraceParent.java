package org.externaltask.dispatcher.trace;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/**
 * The W3C trace context of an exchange: the one that a process or a message brought, or a new one whose trace id is the id of the
 * process instance, so that all calls for an instance are one trace. It is handed on as it is; spans are for whoever records some.
 */
public final class TraceParent {

    /** Name of the header and of the process variable. */
    public static final String NAME = "traceparent";

    private static final String PROPERTY = "etdTraceParent";
    private static final Pattern VALID = Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
    private static final Pattern UUID_TEXT = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private TraceParent() {}

    /** @param given what the process has in its variable; anything but a trace context counts as none */
    public static void begin(Exchange exchange, String given, String processInstanceId) {
        exchange.setProperty(PROPERTY, isValid(given) ? given : created(processInstanceId));
    }

    static void set(Exchange exchange, String traceParent) {
        exchange.setProperty(PROPERTY, traceParent);
    }

    /** What goes along with a call or a message: what the route has put into the header, or else what the exchange began with. */
    public static String of(Exchange exchange) {
        String header = exchange.getMessage().getHeader(NAME, String.class);
        if (isValid(header)) {
            exchange.setProperty(PROPERTY, header); // the first call takes all headers away
            return header;
        }
        return exchange.getProperty(PROPERTY, String.class);
    }

    private static boolean isValid(String text) {
        return text != null && VALID.matcher(text).matches();
    }

    private static String created(String processInstanceId) {
        String id = processInstanceId != null
                        && UUID_TEXT.matcher(processInstanceId).matches()
                ? processInstanceId
                : UUID.randomUUID().toString();
        return "00-" + id.replace("-", "") + "-"
                + "%016x".formatted(ThreadLocalRandom.current().nextLong() | 1) + "-01";
    }
}
