package org.externaltask.dispatcher.operations.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.engine.EngineDate;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.externaltask.dispatcher.operations.api.Incidents.Incident;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Computes what the routes {@code list-incidents}, {@code replay-incidents} and {@code unlock-for-operator} ask and answer. */
@Configuration(proxyBeanMethods = false)
class IncidentLists {

    private static final int NOT_FOUND = 404;

    /** Says of which process definitions the tasks are. */
    @Bean
    Processor definitionsOfTasks() {
        return exchange -> {
            Set<String> keys = new TreeSet<>();
            TaskSearch.found(exchange)
                    .forEach(task -> keys.add(task.path("processDefinitionKey").asText("")));
            keys.remove("");
            exchange.setVariable("processDefinitionKeys", String.join(",", keys));
        };
    }

    /** Says of each task since when it is an incident; an incident names its task in {@code configuration}. */
    @Bean
    Processor incidentsOfTasks() {
        return exchange -> {
            JsonNode incidents = exchange.getMessage().getBody(JsonNode.class);
            Map<String, String> since = new HashMap<>();
            if (incidents != null) {
                incidents.forEach(incident -> EngineDate.read(
                                incident.path("incidentTimestamp").asText(""))
                        .ifPresent(date -> since.put(
                                incident.path("configuration").asText(),
                                date.toInstant().toString())));
            }
            List<Incident> found = new ArrayList<>();
            TaskSearch.found(exchange).forEach(task -> found.add(incident(task, since)));
            exchange.getMessage().setBody(found);
        };
    }

    /** Picks the tasks that get new tries, and makes the request for it. */
    @Bean
    Processor tasksToReplay() {
        return exchange -> {
            Set<?> wanted = exchange.getVariable(Incidents.TASK_IDS, Set.class);
            List<String> ids = TaskSearch.found(exchange).stream()
                    .map(task -> task.path("id").asText())
                    .filter(id -> wanted == null || wanted.contains(id))
                    .toList();
            exchange.setVariable("replay", new Replay(ids, TaskSearch.lookedAt(exchange) >= TaskSearch.LOOKED_AT_MOST));
            ObjectNode request = JsonNodeFactory.instance.objectNode();
            request.put("retries", exchange.getVariable("retries", Integer.class));
            ids.forEach(request.putArray("externalTaskIds")::add);
            exchange.getMessage().setBody(ids.isEmpty() ? null : request);
        };
    }

    /** Whose lock a task has; it must be a task of the topic that the operator looks at. */
    @Bean
    Processor lockOfTask() {
        return exchange -> {
            JsonNode task = exchange.getMessage().getBody(JsonNode.class);
            String topic = exchange.getVariable("topicName", String.class);
            if (!task.path("topicName").asText().equals(topic)) {
                throw Problem.notFound("There is no such task of topic '" + topic + "'.");
            }
            exchange.setVariable("lockOwner", task.path("workerId").asText(null));
            exchange.getMessage().setBody("{}");
        };
    }

    /** A task that the engine does not know, or an id that cannot be one, is no failure of the engine. */
    @Bean
    Processor taskIsGone() {
        return exchange -> {
            Exception caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            throw caught instanceof HttpCallFailed failed && failed.status() != NOT_FOUND
                    ? caught
                    : Problem.notFound("The engine has no such task: it was completed or cancelled, or never was.");
        };
    }

    private static Incident incident(JsonNode task, Map<String, String> since) {
        String id = task.path("id").asText();
        return new Incident(
                id,
                task.path("processInstanceId").asText(null),
                task.path("businessKey").asText(null),
                task.path("errorMessage").asText(null),
                since.get(id));
    }
}
