package org.externaltask.dispatcher.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Speaks the Camunda 7 REST API, independently of the dispatcher, so that tests can ask the engine what is true. */
public final class EngineClient {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int TRIES = 10;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final URI baseUrl;

    public EngineClient(URI baseUrl) {
        this.baseUrl = baseUrl;
    }

    /** A process variable whose engine type is said, for example {@code new Typed("Date", "2026-01-31T…")}. */
    public record Typed(String type, Object value) {}

    public String version() {
        return get("/version").path("version").asText();
    }

    /** Deploys the file, unless it is deployed already. */
    public void deploy(Path bpmn) {
        deploy(bpmn, "");
    }

    /** Deploys the file for a tenant, unless it is deployed for it already. */
    public void deployFor(String tenantId, Path bpmn) {
        deploy(bpmn, tenantId);
    }

    private void deploy(Path bpmn, String tenantId) {
        String boundary = "engine-client-boundary";
        String body =
                part(boundary, "name=\"deployment-name\"", bpmn.getFileName().toString())
                        + part(boundary, "name=\"deploy-changed-only\"", "true")
                        + (tenantId.isEmpty() ? "" : part(boundary, "name=\"tenant-id\"", tenantId))
                        + part(boundary, "name=\"data\"; filename=\"%s\"".formatted(bpmn.getFileName()), read(bpmn))
                        + "--" + boundary + "--\r\n";
        send(request("/deployment/create")
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(BodyPublishers.ofString(body)));
    }

    /** Starts a process instance. Plain values get the engine type that fits; maps, lists and JSON become Json. */
    public String startProcess(String key, String businessKey, Map<String, ?> variables) {
        return post(
                        "/process-definition/key/" + key + "/start",
                        Map.of("businessKey", businessKey, "variables", typed(variables)))
                .path("id")
                .asText();
    }

    /** Correlates a message to the process instances with this business key. */
    public void correlate(String messageName, String businessKey) {
        post("/message", Map.of("messageName", messageName, "businessKey", businessKey));
    }

    /** Deletes a running process instance, and its tasks with it. */
    public void cancel(String processInstanceId) {
        delete("/process-instance/" + processInstanceId);
    }

    /** Suspends a running process instance. */
    public void suspend(String processInstanceId) {
        send(request("/process-instance/" + processInstanceId + "/suspended")
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString("{\"suspended\": true}")));
    }

    public JsonNode processInstance(String id) {
        return get("/history/process-instance/" + id);
    }

    public boolean isEnded(String processInstanceId) {
        return processInstance(processInstanceId).path("endTime").isTextual();
    }

    /** The ids of the activities that were finished, in the order in which they were. */
    public List<String> finishedActivities(String processInstanceId) {
        return list("/history/activity-instance?finished=true&sortBy=occurrence&sortOrder=asc&processInstanceId="
                        + encode(processInstanceId))
                .stream()
                .map(activity -> activity.path("activityId").asText())
                .toList();
    }

    /** The ids of the activities where the instance is now. */
    public List<String> currentActivities(String processInstanceId) {
        return list("/history/activity-instance?unfinished=true&processInstanceId=" + encode(processInstanceId))
                .stream()
                .map(activity -> activity.path("activityId").asText())
                .toList();
    }

    /** The name of the end event that was reached. */
    public Optional<String> endEvent(String processInstanceId) {
        return list("/history/activity-instance?sortBy=occurrence&sortOrder=desc&processInstanceId="
                        + encode(processInstanceId))
                .stream()
                .filter(activity -> activity.path("activityType").asText().endsWith("EndEvent")
                        && activity.path("endTime").isTextual())
                .map(activity -> activity.path("activityName").asText())
                .findFirst();
    }

    /** The variables of an instance, ended or not, as the engine has them: type, value, valueInfo. */
    public Map<String, JsonNode> variables(String processInstanceId) {
        Map<String, JsonNode> variables = new LinkedHashMap<>();
        list("/history/variable-instance?deserializeValues=false&processInstanceId=" + encode(processInstanceId))
                .forEach(variable -> variables.put(variable.path("name").asText(), variable));
        return variables;
    }

    public List<JsonNode> externalTasks(String processInstanceId) {
        return list("/external-task?processInstanceId=" + encode(processInstanceId));
    }

    public List<JsonNode> incidents(String processInstanceId) {
        return list("/incident?processInstanceId=" + encode(processInstanceId));
    }

    /** The answer to a GET of a path below the base URL, such as {@code /external-task/count}. */
    public JsonNode get(String path) {
        return send(request(path).GET());
    }

    /** What is no JSON, such as the details of an error. */
    public String text(String path) {
        return answer(request(path).GET());
    }

    public List<JsonNode> list(String path) {
        return StreamSupport.stream(get(path).spliterator(), false).toList();
    }

    public JsonNode post(String path, Object body) {
        return send(
                request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(write(body))));
    }

    public JsonNode put(String path, Object body) {
        return send(request(path).header("Content-Type", "application/json").PUT(BodyPublishers.ofString(write(body))));
    }

    public JsonNode delete(String path) {
        return send(request(path).DELETE());
    }

    /** Variables as the REST API wants them: name to type and value. */
    public static ObjectNode typed(Map<String, ?> variables) {
        ObjectNode all = MAPPER.createObjectNode();
        variables.forEach((name, value) -> {
            Typed typed = typed(value);
            all.putObject(name).put("type", typed.type()).set("value", MAPPER.valueToTree(typed.value()));
        });
        return all;
    }

    private static Typed typed(Object value) {
        if (value instanceof Typed typed) {
            return typed;
        }
        if (value == null) {
            return new Typed("Null", null);
        }
        if (value instanceof Map || value instanceof Collection || value instanceof JsonNode) {
            return new Typed("Json", write(value));
        }
        return new Typed(value.getClass().getSimpleName(), value);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(baseUrl + path)).timeout(Duration.ofSeconds(60));
    }

    private JsonNode send(HttpRequest.Builder builder) {
        String answer = answer(builder);
        try {
            return answer.isBlank() ? MissingNode.getInstance() : MAPPER.readTree(answer);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("The engine answered with no JSON", e);
        }
    }

    private String answer(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        try {
            var answer = http.send(request, BodyHandlers.ofString());
            for (int tries = 1; isCollision(answer) && tries < TRIES; tries++) {
                answer = http.send(request, BodyHandlers.ofString());
            }
            if (answer.statusCode() >= 400) {
                throw new Refused(request, answer.statusCode(), answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(request.method() + " " + request.uri() + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(request.method() + " " + request.uri() + " was interrupted", e);
        }
    }

    /** The engine took the call back, because a call of somebody else, such as a heartbeat of the dispatcher, came first. */
    private static boolean isCollision(HttpResponse<String> answer) {
        return answer.statusCode() == 500 && answer.body().contains("OptimisticLockingException");
    }

    private static String part(String boundary, String disposition, String content) {
        return "--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n".formatted(boundary, disposition, content);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** The engine said no. */
    public static final class Refused extends RuntimeException {

        private final int status;

        Refused(HttpRequest request, int status, String body) {
            super("%s %s answered %d: %s".formatted(request.method(), request.uri(), status, body));
            this.status = status;
        }

        public int status() {
            return status;
        }
    }
}
