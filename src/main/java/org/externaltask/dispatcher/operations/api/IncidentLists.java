package org.externaltask.dispatcher.operations.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.engine.EngineDate;
import org.externaltask.dispatcher.operations.api.Incidents.Incident;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts together what the engine says of tasks without tries and of incidents, for the route {@code list-incidents}. */
@Configuration(proxyBeanMethods = false)
class IncidentLists {

    private static final String TASKS = "tasks";

    /** Keeps the tasks, and says of which process definitions they are. */
    @Bean
    Processor tasksWithoutTries() {
        return exchange -> {
            JsonNode tasks = exchange.getMessage().getBody(JsonNode.class);
            Set<String> keys = new TreeSet<>();
            tasks.forEach(task -> keys.add(task.path("processDefinitionKey").asText("")));
            keys.remove("");
            exchange.setVariable(TASKS, tasks);
            exchange.setVariable("processDefinitionKeys", String.join(",", keys));
            exchange.getMessage().setBody(null);
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
            exchange.getVariable(TASKS, JsonNode.class).forEach(task -> found.add(incident(task, since)));
            exchange.getMessage().setBody(found);
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
