package org.externaltask.dispatcher.externaltask;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.externaltask.dispatcher.engine.VariableType;
import org.externaltask.dispatcher.externaltask.Subscription.Filter;
import org.externaltask.dispatcher.externaltask.Subscription.OutputScope;
import org.externaltask.dispatcher.externaltask.Subscription.ReplyTimeout;
import org.externaltask.dispatcher.json.Json;

/** Reads the options of one {@code external-task:} endpoint, as a route author wrote them. */
final class SubscriptionOptions extends EndpointOptions {

    /** The engine's own limit is a signed 64-bit number of milliseconds; a lock longer than a day is a slip of the pen. */
    private static final Duration LONGEST_LOCK = Duration.ofDays(1);

    private static final Set<String> OPTIONS = new TreeSet<>(Set.of(
            "engine",
            "variables",
            "outputs",
            "transientOutputs",
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
            "processDefinitionIds",
            "processDefinitionVersionTag",
            "tenantIds",
            "withoutTenantId",
            "businessKey",
            "processVariables",
            "localVariables"));

    private final String topic;

    SubscriptionOptions(String topic, Map<String, String> options) {
        super("external-task:" + topic, OPTIONS, options);
        this.topic = topic;
    }

    Subscription subscription(String engine, String source) {
        Map<String, Optional<VariableType>> outputs = outputs();
        Map<String, VariableType> outputTypes = new LinkedHashMap<>();
        outputs.forEach((name, type) -> type.ifPresent(stated -> outputTypes.put(name, stated)));
        return new Subscription(
                engine,
                topic,
                variables(),
                outputs.keySet(),
                outputTypes,
                transientOutputs(outputs.keySet()),
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

    private Set<String> transientOutputs(Set<String> outputs) {
        List<String> names = list("transientOutputs");
        names.stream()
                .filter(name -> !outputs.isEmpty() && !outputs.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw wrong("option transientOutputs names '" + name
                            + "', which the route may not write; add it to outputs, or correct the name");
                });
        return Set.copyOf(names);
    }

    private Duration lockDuration() {
        ReplyTimeout replyTimeout = replyTimeout();
        Duration lockDuration = has("lockDuration")
                ? duration("lockDuration", text("lockDuration"))
                : replyTimeout == null
                        ? Duration.ofSeconds(30)
                        : replyTimeout.after().multipliedBy(2);
        if (lockDuration.compareTo(Duration.ofSeconds(1)) < 0 || lockDuration.compareTo(LONGEST_LOCK) > 0) {
            throw wrong("option lockDuration is '" + text("lockDuration") + "'; expected 1s to 24h");
        }
        // The heartbeat leaves at least two thirds of the lock when the route ends.
        if (replyTimeout != null
                && lockDuration.multipliedBy(2).compareTo(replyTimeout.after().multipliedBy(3)) < 0) {
            throw wrong("option lockDuration is '" + text("lockDuration")
                    + "', so the engine could offer the task again"
                    + " before its replyTimeout of " + text("replyTimeout")
                    + " is over; make it one and a half times as long, or leave it out");
        }
        return lockDuration;
    }

    private ReplyTimeout replyTimeout() {
        if (!has("replyTimeout")) {
            if (has("replyTimeoutError")) {
                throw wrong("option replyTimeoutError needs replyTimeout, the time after which the error is raised");
            }
            return null;
        }
        if (bool("autoComplete", true)) {
            throw wrong(
                    "option replyTimeout needs autoComplete=false: otherwise the task is completed when the route ends, and"
                            + " no reply is awaited");
        }
        Duration after = duration("replyTimeout", text("replyTimeout"));
        if (after.isZero()) {
            throw wrong("option replyTimeout is '" + text("replyTimeout") + "'; expected more than 0s");
        }
        return new ReplyTimeout(after, text("replyTimeoutError"));
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
        String scope = text("outputScope", "process");
        return switch (scope) {
            case "process" -> OutputScope.PROCESS;
            case "local" -> OutputScope.LOCAL;
            default -> throw wrong("option outputScope is '" + scope + "'; allowed are process, local");
        };
    }

    private Filter filter() {
        Map<String, JsonNode> processVariables = new LinkedHashMap<>();
        pairs("processVariables", "region=EU,priority=1")
                .forEach((name, value) -> processVariables.put(name, json(value)));
        return new Filter(
                list("processDefinitionKeys"),
                list("processDefinitionIds"),
                text("processDefinitionVersionTag"),
                tenantIds(),
                bool("withoutTenantId", false),
                text("businessKey"),
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
}
