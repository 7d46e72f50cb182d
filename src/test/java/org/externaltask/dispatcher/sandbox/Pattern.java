package org.externaltask.dispatcher.sandbox;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The patterns that the sandbox can show, each with the example process of {@code bpmn/} that it starts for it. */
enum Pattern {
    SERVICE_TASK("order-handling", number -> Map.of("customerNumber", number % 4 == 0 ? "C-404" : "C-" + number)),
    SEND_MESSAGE("order-handling", number -> Map.of("customerNumber", "C-1")),
    RECEIVE_MESSAGE("order-handling", number -> Map.of("customerNumber", "C-2")),
    USER_TASK(
            "approve-request",
            number -> Map.of(
                    "item",
                    "bolts",
                    "amount",
                    number % 2 == 0 ? TaskApplication.APPROVED + 1 : TaskApplication.APPROVED)),
    REQUEST_AND_REPLY("async-request", number -> Map.of("item", "bolts", "suppliers", 50)),
    COMPLETE_THEN_NOTIFY("long-running-work", number -> Map.of("work", "paint fence " + number)),
    BETWEEN_ENGINES(
            "order-management",
            "inventory-check",
            number -> Map.of("article", "A-1", "quantity", number % 3 == 0 ? 100 : 3));

    private final String process;
    private final String counterpart;
    private final IntFunction<Map<String, ?>> variables;

    Pattern(String process, IntFunction<Map<String, ?>> variables) {
        this(process, null, variables);
    }

    Pattern(String process, String counterpart, IntFunction<Map<String, ?>> variables) {
        this.process = process;
        this.counterpart = counterpart;
        this.variables = variables;
    }

    static Optional<Pattern> of(String word) {
        return Stream.of(values())
                .filter(pattern -> pattern.word().equalsIgnoreCase(word))
                .findFirst();
    }

    static String words() {
        return Stream.of(values()).map(Pattern::word).collect(Collectors.joining(", "));
    }

    /** As it is called in the docs. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String process() {
        return process;
    }

    /** The process of another engine that each instance has started; empty when one engine is enough. */
    Optional<String> counterpart() {
        return Optional.ofNullable(counterpart);
    }

    void start(EngineClient engine, int number) {
        String businessKey = word() + "-" + number;
        Map<String, Object> all = new HashMap<>(variables.apply(number));
        all.put("orderNumber", businessKey); // by which an order is looked for
        engine.startProcess(process, businessKey, all);
    }
}
