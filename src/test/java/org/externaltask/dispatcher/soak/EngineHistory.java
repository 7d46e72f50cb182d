package org.externaltask.dispatcher.soak;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.soak.Evidence.Incident;
import org.externaltask.dispatcher.soak.Evidence.Instance;
import org.externaltask.dispatcher.soak.Evidence.OpenTask;
import org.externaltask.dispatcher.soak.Evidence.Task;

/** Asks the engine's REST API what became of all instances. */
final class EngineHistory {

    private final EngineClient engine;

    EngineHistory(EngineClient engine) {
        this.engine = engine;
    }

    int unfinishedInstances() {
        return engine.get("/history/process-instance/count?unfinished=true")
                .path("count")
                .asInt();
    }

    List<Incident> incidents() {
        return engine.list("/incident").stream()
                .map(incident -> new Incident(
                        text(incident, "processInstanceId"),
                        text(incident, "configuration"),
                        text(incident, "incidentMessage")))
                .toList();
    }

    List<OpenTask> openTasks() {
        Set<String> locked = engine.list("/external-task?locked=true").stream()
                .map(task -> text(task, "id"))
                .collect(Collectors.toSet());
        return engine.list("/external-task").stream()
                .map(task -> new OpenTask(
                        text(task, "id"),
                        text(task, "topicName"),
                        text(task, "processInstanceId"),
                        text(task, "workerId"),
                        locked.contains(text(task, "id"))))
                .toList();
    }

    List<Task> tasks() {
        Map<String, Task> tasks = new HashMap<>();
        for (JsonNode entry : engine.list("/history/external-task-log")) {
            Task seen = new Task(
                    text(entry, "externalTaskId"),
                    text(entry, "topicName"),
                    text(entry, "processInstanceId"),
                    entry.path("successLog").asBoolean() ? 1 : 0);
            tasks.merge(
                    seen.id(),
                    seen,
                    (one, other) ->
                            new Task(one.id(), one.topic(), one.instance(), one.completions() + other.completions()));
        }
        return List.copyOf(tasks.values());
    }

    List<Instance> instances() {
        Map<String, Map<String, Integer>> passed = new HashMap<>();
        for (JsonNode activity : engine.list("/history/activity-instance?finished=true")) {
            count(passed, text(activity, "processInstanceId"), text(activity, "activityId"));
        }
        Map<String, Map<String, Integer>> writes = new HashMap<>();
        Map<String, String> acceptances = new HashMap<>();
        for (JsonNode update : engine.list("/history/detail?variableUpdates=true&deserializeValues=false")) {
            String instance = text(update, "processInstanceId");
            String variable = text(update, "variableName");
            count(writes, instance, variable);
            if ("acceptance".equals(variable)) {
                acceptances.put(instance, text(update, "value"));
            }
        }
        return engine.list("/history/process-instance").stream()
                .map(instance -> {
                    String id = text(instance, "id");
                    return new Instance(
                            id,
                            text(instance, "businessKey"),
                            text(instance, "endTime") != null,
                            passed.getOrDefault(id, Map.of()),
                            writes.getOrDefault(id, Map.of()),
                            acceptances.get(id));
                })
                .toList();
    }

    private static void count(Map<String, Map<String, Integer>> counts, String instance, String what) {
        counts.computeIfAbsent(instance, id -> new TreeMap<>()).merge(what, 1, Integer::sum);
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).isTextual() ? node.path(field).asText() : null;
    }
}
