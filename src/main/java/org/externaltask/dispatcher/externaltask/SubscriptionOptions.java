package org.externaltask.dispatcher.externaltask;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.configuration.Unconfigured;
import org.externaltask.dispatcher.engine.VariableType;
import org.externaltask.dispatcher.externaltask.Subscription.Filter;
import org.externaltask.dispatcher.externaltask.Subscription.OutputScope;
import org.externaltask.dispatcher.externaltask.Subscription.ReplyTimeout;
import org.externaltask.dispatcher.json.Json;
import org.springframework.boot.convert.DurationStyle;

/** Reads the options of one {@code external-task:} endpoint, as a route author wrote them. */
final class SubscriptionOptions {

    /** The engine's own limit is a signed 64-bit number of milliseconds; a lock longer than a day is a slip of the pen. */
    private static final Duration LONGEST_LOCK = Duration.ofDays(1);

    private static final Set<String> OPTIONS = new TreeSet<>(Set.of(
            "engine",
            "variables",
            "outputs",
            "lockDuration",
            "maxConcurrent",
            "retries",
            "retryBackoff",
            "bpmnErrors",
            "autoComplete",
            "replyTimeout",
            "replyTimeoutError",
            "outputScope",
            "processDefinitionKeys",
            "tenantIds",
            "withoutTenantId",
            "businessKey",
            "processVariables",
            "localVariables"));

    private final String topic;
    private final Map<String, String> options;

    SubscriptionOptions(String topic, Map<String, String> options) {
        this.topic = topic;
        this.options = options;
        for (String name : options.keySet()) {
            if (!OPTIONS.contains(name)) {
                throw wrong("unknown option '" + name + "'; allowed are " + String.join(", ", OPTIONS));
            }
        }
    }

    /** The engine that the endpoint means; the only option that a producer takes. */
    String engine(Collection<String> configured) {
        String engine = options.getOrDefault("engine", "default");
        if (!configured.contains(engine)) {
            throw wrong(Unconfigured.engine(engine, configured).getMessage());
        }
        return engine;
    }

    Subscription subscription(String engine, String source) {
        List<String> variables = list("variables");
        if (variables.isEmpty()) {
            throw wrong("option variables is missing; list the process variables that the route reads,"
                    + " separated by commas, or write '*' for all");
        }
        boolean all = variables.equals(List.of("*"));
        if (!all && variables.contains("*")) {
            throw wrong("option variables mixes '*' with names; write '*' alone for all variables");
        }
        Map<String, Optional<VariableType>> outputs = outputs();
        Map<String, VariableType> outputTypes = new LinkedHashMap<>();
        outputs.forEach((name, type) -> type.ifPresent(stated -> outputTypes.put(name, stated)));
        return new Subscription(
                engine,
                topic,
                all ? List.of() : variables,
                outputs.keySet(),
                outputTypes,
                lockDuration(),
                number("maxConcurrent", 16, 1, 10_000),
                number("retries", 3, 1, 1_000),
                retryBackoff(),
                bpmnErrors(),
                bool("autoComplete", true),
                replyTimeout(),
                outputScope(),
                filter(),
                source);
    }

    /** {@code name} or {@code name:Type}, in the order of the file. */
    private Map<String, Optional<VariableType>> outputs() {
        Map<String, Optional<VariableType>> outputs = new LinkedHashMap<>();
        for (String output : list("outputs")) {
            String[] nameAndType = output.split(":", 2);
            try {
                outputs.put(
                        nameAndType[0].trim(),
                        nameAndType.length == 1
                                ? Optional.empty()
                                : Optional.of(VariableType.named(nameAndType[1].trim())));
            } catch (IllegalArgumentException e) {
                throw wrong("option outputs has '" + output + "': " + e.getMessage());
            }
        }
        return outputs;
    }

    private Duration lockDuration() {
        ReplyTimeout replyTimeout = replyTimeout();
        Duration lockDuration = options.containsKey("lockDuration")
                ? duration("lockDuration", options.get("lockDuration"))
                : replyTimeout == null
                        ? Duration.ofSeconds(30)
                        : replyTimeout.after().multipliedBy(2);
        if (lockDuration.compareTo(Duration.ofSeconds(1)) < 0 || lockDuration.compareTo(LONGEST_LOCK) > 0) {
            throw wrong("option lockDuration is '" + options.get("lockDuration") + "'; expected 1s to 24h");
        }
        // The heartbeat leaves at least two thirds of the lock when the route ends.
        if (replyTimeout != null
                && lockDuration.multipliedBy(2).compareTo(replyTimeout.after().multipliedBy(3)) < 0) {
            throw wrong("option lockDuration is '" + options.get("lockDuration")
                    + "', so the engine could offer the task again"
                    + " before its replyTimeout of " + options.get("replyTimeout")
                    + " is over; make it one and a half times as long, or leave it out");
        }
        return lockDuration;
    }

    private ReplyTimeout replyTimeout() {
        if (!options.containsKey("replyTimeout")) {
            if (options.containsKey("replyTimeoutError")) {
                throw wrong("option replyTimeoutError needs replyTimeout, the time after which the error is raised");
            }
            return null;
        }
        if (bool("autoComplete", true)) {
            throw wrong(
                    "option replyTimeout needs autoComplete=false: otherwise the task is completed when the route ends, and"
                            + " no reply is awaited");
        }
        Duration after = duration("replyTimeout", options.get("replyTimeout"));
        if (after.isZero()) {
            throw wrong("option replyTimeout is '" + options.get("replyTimeout") + "'; expected more than 0s");
        }
        return new ReplyTimeout(after, options.get("replyTimeoutError"));
    }

    private List<Duration> retryBackoff() {
        List<String> texts = options.containsKey("retryBackoff") ? list("retryBackoff") : List.of("10s", "1m", "5m");
        if (texts.isEmpty()) {
            throw wrong("option retryBackoff is empty; expected durations such as 10s,1m,5m");
        }
        return texts.stream().map(text -> duration("retryBackoff", text)).toList();
    }

    private Map<Integer, String> bpmnErrors() {
        Map<Integer, String> bpmnErrors = new LinkedHashMap<>();
        pairs("bpmnErrors", "404=CUSTOMER_NOT_FOUND,409=CODE").forEach((status, code) -> {
            if (!status.matches("[45]\\d\\d")) {
                throw wrong("option bpmnErrors maps '" + status
                        + "', which is no gateway status from 400 to 599; expected for example 404=CUSTOMER_NOT_FOUND");
            }
            bpmnErrors.put(Integer.valueOf(status), code);
        });
        return bpmnErrors;
    }

    private OutputScope outputScope() {
        String scope = options.getOrDefault("outputScope", "process");
        return switch (scope) {
            case "process" -> OutputScope.PROCESS;
            case "local" -> OutputScope.LOCAL;
            default -> throw wrong("option outputScope is '" + scope + "'; allowed are process, local");
        };
    }

    private Filter filter() {
        List<String> tenantIds = list("tenantIds");
        boolean withoutTenantId = bool("withoutTenantId", false);
        if (withoutTenantId && !tenantIds.isEmpty()) {
            throw wrong("options tenantIds and withoutTenantId exclude each other; keep one");
        }
        Map<String, JsonNode> processVariables = new LinkedHashMap<>();
        pairs("processVariables", "region=EU,priority=1")
                .forEach((name, value) -> processVariables.put(name, json(value)));
        return new Filter(
                list("processDefinitionKeys"),
                tenantIds,
                withoutTenantId,
                options.get("businessKey"),
                processVariables,
                bool("localVariables", false));
    }

    /** {@code 5} is a number and {@code true} a boolean to the engine's filter; what is no JSON is a text. */
    private static JsonNode json(String value) {
        try {
            JsonNode json = Json.MAPPER.readTree(value);
            return json.isValueNode() ? json : TextNode.valueOf(value);
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(value);
        }
    }

    private Map<String, String> pairs(String name, String example) {
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

    private List<String> list(String name) {
        String text = options.getOrDefault(name, "");
        return Arrays.stream(text.split(",", -1))
                .map(String::trim)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    private boolean bool(String name, boolean byDefault) {
        String text = options.getOrDefault(name, String.valueOf(byDefault)).toLowerCase(Locale.ROOT);
        if (!text.equals("true") && !text.equals("false")) {
            throw wrong("option " + name + " is '" + options.get(name) + "'; allowed are true, false");
        }
        return text.equals("true");
    }

    private int number(String name, int byDefault, int least, int most) {
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

    private Duration duration(String name, String text) {
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

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("external-task:" + topic + ": " + what);
    }
}
