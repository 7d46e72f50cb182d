package org.externaltask.dispatcher.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Reports, a line each, the process instances that started, ended or got stuck since the last look. */
final class ProcessNews implements Runnable {

    private static final int LOOK_BACK = 200;

    private final EngineClient engine;
    private final Consumer<String> lines;
    private final Set<String> started = remembering(10 * LOOK_BACK);
    private final Set<String> ended = remembering(10 * LOOK_BACK);
    private final Set<String> stuck = remembering(10 * LOOK_BACK);

    ProcessNews(EngineClient engine, Consumer<String> lines) {
        this.engine = engine;
        this.lines = lines;
    }

    @Override
    public void run() {
        for (JsonNode instance : latest("unfinished=true&sortBy=startTime")) {
            if (started.add(id(instance))) {
                lines.accept(name(instance) + " started");
            }
        }
        for (JsonNode incident : engine.list("/incident?maxResults=" + LOOK_BACK)) {
            if (stuck.add(id(incident))) {
                JsonNode instance = engine.processInstance(
                        incident.path("processInstanceId").asText());
                lines.accept(name(instance) + " is stuck at "
                        + incident.path("activityId").asText() + ": "
                        + incident.path("incidentMessage").asText("no reason given"));
            }
        }
        for (JsonNode instance : latest("finished=true&sortBy=endTime")) {
            if (ended.add(id(instance))) {
                if (started.add(id(instance))) {
                    lines.accept(name(instance) + " started");
                }
                lines.accept(name(instance) + " ended: " + end(instance));
            }
        }
    }

    private List<JsonNode> latest(String query) {
        List<JsonNode> newestFirst =
                engine.list("/history/process-instance?sortOrder=desc&maxResults=" + LOOK_BACK + "&" + query);
        return newestFirst.stream()
                .sorted((one, other) -> time(one).compareTo(time(other)))
                .toList();
    }

    private String end(JsonNode instance) {
        return engine.endEvent(id(instance))
                .orElseGet(() -> instance.path("state").asText());
    }

    private static String time(JsonNode instance) {
        return instance.path("endTime").asText(instance.path("startTime").asText());
    }

    private static String id(JsonNode node) {
        return node.path("id").asText();
    }

    private static String name(JsonNode instance) {
        return instance.path("processDefinitionKey").asText() + " "
                + instance.path("businessKey").asText(id(instance));
    }

    private static Set<String> remembering(int most) {
        return Collections.newSetFromMap(new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                return size() > most;
            }
        });
    }
}
