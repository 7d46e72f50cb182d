package org.externaltask.dispatcher.operations.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Computes what the route {@code find-incidents} asks and finds. */
@Configuration(proxyBeanMethods = false)
class IncidentSearch {

    /** The variable of the route that says which tasks are asked for. */
    static final String ASKED_FOR = "askedFor";

    private static final String FOUND = "found";
    private static final String LOOKED_AT = "lookedAt";

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
