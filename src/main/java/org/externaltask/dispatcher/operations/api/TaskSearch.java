package org.externaltask.dispatcher.operations.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Computes what the route {@code find-tasks} asks and finds. */
@Configuration(proxyBeanMethods = false)
class TaskSearch {

    /** The variable of the route that says which tasks are asked for. */
    private static final String ASKED_FOR = "askedFor";

    /** How many tasks are looked at where a route asks only for some of its topic. */
    static final int LOOKED_AT_MOST = 1_000;

    private static final String FOUND = "found";
    private static final String LOOKED_AT = "lookedAt";

    /** What the tasks are to be found by. */
    enum Those {
        WITHOUT_TRIES,
        LOCKED
    }

    /** What the route needs to know. */
    static Map<String, Object> variables(Subscription topic, Those those, int lookedAt) {
        return Map.of(
                "topicName",
                topic.topic(),
                "noRetriesLeft",
                String.valueOf(those == Those.WITHOUT_TRIES),
                "locked",
                String.valueOf(those == Those.LOCKED),
                "maxResults",
                String.valueOf(lookedAt),
                ASKED_FOR,
                new AskedFor(topic.filter()));
    }

    /** Keeps the tasks that are asked for; when their variables have to tell, makes the query for it. */
    @Bean
    Processor tasksAskedFor() {
        return exchange -> {
            AskedFor askedFor = exchange.getVariable(ASKED_FOR, AskedFor.class);
            JsonNode tasks = exchange.getMessage().getBody(JsonNode.class);
            List<JsonNode> found = new ArrayList<>();
            tasks.forEach(task -> {
                if (askedFor.includes(task)) {
                    found.add(task);
                }
            });
            exchange.setVariable(LOOKED_AT, tasks.size());
            exchange.setVariable(FOUND, found);
            exchange.getMessage()
                    .setBody(askedFor.byVariables() && !found.isEmpty() ? askedFor.instancesOf(found) : null);
        };
    }

    /** Keeps the tasks of the instances that have the variables. */
    @Bean
    Processor tasksOfInstances() {
        return exchange -> {
            Set<String> instances = new HashSet<>();
            exchange.getMessage()
                    .getBody(JsonNode.class)
                    .forEach(instance -> instances.add(instance.path("id").asText()));
            exchange.setVariable(
                    FOUND,
                    found(exchange).stream()
                            .filter(task -> instances.contains(
                                    task.path("processInstanceId").asText()))
                            .toList());
            exchange.getMessage().setBody(null);
        };
    }

    /** The tasks that the route has found. */
    @SuppressWarnings("unchecked") // what the route has put there
    static List<JsonNode> found(Exchange exchange) {
        return exchange.getVariable(FOUND, List.class);
    }

    /** How many tasks it has looked at for that. */
    static int lookedAt(Exchange exchange) {
        return exchange.getVariable(LOOKED_AT, Integer.class);
    }
}
