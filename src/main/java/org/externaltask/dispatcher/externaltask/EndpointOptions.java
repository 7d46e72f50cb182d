package org.externaltask.dispatcher.externaltask;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.configuration.Unconfigured;
import org.springframework.boot.convert.DurationStyle;

/** Reads the options of an endpoint, as a route author wrote them; whatever is wrong is said with the endpoint and what to write. */
public abstract class EndpointOptions {

    private final String address;
    private final Map<String, String> options;

    /**
     * @param address scheme and path, for messages
     * @param known the names of all options that there are, in the order in which messages list them
     */
    protected EndpointOptions(String address, Set<String> known, Map<String, String> options) {
        this.address = address;
        this.options = options;
        for (String name : options.keySet()) {
            if (!known.contains(name)) {
                throw wrong("unknown option '" + name + "'; allowed are " + String.join(", ", known));
            }
        }
    }

    /** Takes the parameters over from Camel, which would otherwise complain about them itself. */
    public static Map<String, String> texts(Map<String, Object> parameters) {
        Map<String, String> texts = new LinkedHashMap<>();
        parameters.forEach((name, value) -> texts.put(name, String.valueOf(value)));
        parameters.clear();
        return texts;
    }

    protected final boolean has(String name) {
        return options.containsKey(name);
    }

    /** The option as it is written; null when it is not. */
    protected final String text(String name) {
        return options.get(name);
    }

    protected final String text(String name, String byDefault) {
        return options.getOrDefault(name, byDefault);
    }

    /** The engine that the endpoint means; the only option that a producer takes. */
    public final String engine(Collection<String> configured) {
        String engine = options.getOrDefault("engine", "default");
        if (!configured.contains(engine)) {
            throw wrong(Unconfigured.engine(engine, configured).getMessage());
        }
        return engine;
    }

    /** The variables that the route reads; empty means all of them. */
    protected final List<String> variables() {
        List<String> variables = list("variables");
        if (variables.isEmpty()) {
            throw wrong("option variables is missing; list the process variables that the route reads,"
                    + " separated by commas, or write '*' for all");
        }
        if (variables.equals(List.of("*"))) {
            return List.of();
        }
        if (variables.contains("*")) {
            throw wrong("option variables mixes '*' with names; write '*' alone for all variables");
        }
        return variables;
    }

    /** The tenants that are asked for; none together with {@code withoutTenantId}. */
    protected final List<String> tenantIds() {
        List<String> tenantIds = list("tenantIds");
        if (bool("withoutTenantId", false) && !tenantIds.isEmpty()) {
            throw wrong("options tenantIds and withoutTenantId exclude each other; keep one");
        }
        return tenantIds;
    }

    protected final List<Duration> retryBackoff() {
        List<String> texts = options.containsKey("retryBackoff") ? list("retryBackoff") : List.of("10s", "1m", "5m");
        if (texts.isEmpty()) {
            throw wrong("option retryBackoff is empty; expected durations such as 10s,1m,5m");
        }
        return texts.stream().map(text -> duration("retryBackoff", text)).toList();
    }

    protected final Map<String, String> pairs(String name, String example) {
        return list(name).stream()
                .map(pair -> pair.split("=", 2))
                .peek(pair -> {
                    if (pair.length != 2 || pair[0].isBlank() || pair[1].isBlank()) {
                        throw wrong("option " + name + " is '" + options.get(name) + "'; expected pairs such as "
                                + example);
                    }
                })
                .collect(Collectors.toMap(
                        pair -> pair[0].trim(), pair -> pair[1].trim(), (first, second) -> second, LinkedHashMap::new));
    }

    protected final List<String> list(String name) {
        String text = options.getOrDefault(name, "");
        return Arrays.stream(text.split(",", -1))
                .map(String::trim)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    protected final boolean bool(String name, boolean byDefault) {
        String text = options.getOrDefault(name, String.valueOf(byDefault)).toLowerCase(Locale.ROOT);
        if (!text.equals("true") && !text.equals("false")) {
            throw wrong("option " + name + " is '" + options.get(name) + "'; allowed are true, false");
        }
        return text.equals("true");
    }

    protected final int number(String name, int byDefault, int least, int most) {
        String text = options.getOrDefault(name, String.valueOf(byDefault));
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below, with the range
        }
        throw wrong("option " + name + " is '" + text + "'; expected a whole number from " + least + " to " + most);
    }

    protected final Duration duration(String name, String text) {
        try {
            Duration duration = DurationStyle.detectAndParse(text);
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (IllegalArgumentException e) {
            // said below, with examples
        }
        throw wrong("option " + name + " has '" + text + "'; expected a duration such as 30s, 5m or PT30S");
    }

    protected final IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(address + ": " + what);
    }
}
