package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.externaltask.dispatcher.sandbox.EmbeddedEngine;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** Which user tasks a route asks a real engine for, and what becomes of them when the route is loaded, edited and removed. */
class UserTaskRoutesIT {

    private static final Duration SOON = Duration.ofSeconds(60);

    private final EngineClient engine = Surroundings.ENGINE.client();

    /** Of this test alone, so that no other test's tasks are in the way. */
    private final String userTask = "usr_T" + UUID.randomUUID().toString().replace("-", "");

    private StubMapping application;

    @TempDir
    Path folder;

    @BeforeEach
    void open() {
        application = Surroundings.GATEWAY
                .wireMock()
                .stubFor(any(urlPathMatching("/(first|second)/.*"))
                        .willReturn(aResponse().withStatus(201)));
    }

    @AfterEach
    void close() {
        Surroundings.GATEWAY.wireMock().removeStub(application);
    }

    @Test
    void only_tasks_of_the_process_definitions_that_are_stated_are_handed_out() {
        deploy("one", "a", "");
        deploy("other", "a", "");
        String wanted = start("one");
        String unwanted = start("other");
        String last = start("one");

        try (ConfigurableApplicationContext dispatcher = dispatcher("processDefinitionKeys: " + key("one"))) {
            awaitHandedOut(dispatcher, wanted, last);
            assertThat(handedOut(unwanted)).isZero();
        }
    }

    @Test
    void only_tasks_that_one_of_the_groups_may_claim_are_handed_out_even_when_somebody_has_claimed_them() {
        deploy("one", "a", "");
        deploy("two", "b", "");
        deploy("other", "c", "");
        String first = start("one");
        String claimed = start("two");
        engine.post("/task/" + claimed + "/claim", Map.of("userId", "ada"));
        String unwanted = start("other");
        String last = start("one");

        try (ConfigurableApplicationContext dispatcher = dispatcher("candidateGroups: a, b")) {
            awaitHandedOut(dispatcher, first, claimed, last);
            assertThat(handedOut(unwanted)).isZero();
        }
    }

    @Test
    void only_tasks_of_the_tenants_that_are_stated_are_handed_out_and_withdrawn() {
        deploy("one", "a", "acme");
        deploy("two", "a", "globex");
        deploy("other", "a", "");
        String wanted = start("one", "acme");
        String ofAnotherTenant = start("two", "globex");
        String ofNobody = start("other");
        String last = start("one", "acme");
        save(withdrawing("tenantIds: acme"), userTask + "Withdrawn");

        try (ConfigurableApplicationContext dispatcher = dispatcher("tenantIds: acme")) {
            awaitHandedOut(dispatcher, wanted, last);
            assertThat(handedOut(ofAnotherTenant)).isZero();
            assertThat(handedOut(ofNobody)).isZero();
            // As another route, or another dispatcher, may have handed it out.
            markDone(ofAnotherTenant);
            cancel(ofAnotherTenant);
            cancel(wanted);
            await().atMost(SOON).until(() -> calls("DELETE", "first", wanted) == 1);
            assertThat(calls("DELETE", "first", ofAnotherTenant)).isZero();
        }
    }

    @Test
    void only_tasks_of_no_tenant_are_handed_out_if_the_route_says_so() {
        deploy("one", "a", "");
        deploy("other", "a", "acme");
        String wanted = start("one");
        String unwanted = start("other", "acme");
        String last = start("one");

        try (ConfigurableApplicationContext dispatcher = dispatcher("withoutTenantId: true")) {
            awaitHandedOut(dispatcher, wanted, last);
            assertThat(handedOut(unwanted)).isZero();
        }
    }

    @Test
    void of_two_hundred_and_fifty_tasks_of_the_same_millisecond_each_is_handed_out_once() {
        deploy(
                "many",
                "a",
                "",
                "<bpmn:multiInstanceLoopCharacteristics>"
                        + "<bpmn:loopCardinality xsi:type=\"bpmn:tFormalExpression\">250</bpmn:loopCardinality>"
                        + "</bpmn:multiInstanceLoopCharacteristics>");
        EmbeddedEngine.whileTheClockStands(
                () -> engine.startProcess(key("many"), UUID.randomUUID().toString(), Map.of()));
        List<JsonNode> tasks = engine.list("/task?maxResults=1000&taskDefinitionKey=" + userTask);
        assertThat(tasks.stream().map(task -> task.path("created").asText()).distinct())
                .hasSize(1);
        assertThat(tasks).hasSize(250);

        try (ConfigurableApplicationContext dispatcher = dispatcher("maxConcurrent: 50")) {
            assertThat(dispatcher.isRunning()).isTrue();
            await().atMost(SOON)
                    .until(() -> count("/variable-instance/count?variableName=etdHandedOut"
                                    + "&processInstanceIdIn="
                                    + tasks.get(0).path("processInstanceId").asText())
                            == 250);
        }
        assertThat(tasks)
                .allSatisfy(
                        task -> assertThat(handedOut(task.path("id").asText())).isEqualTo(1));
    }

    @Test
    void a_route_is_loaded_edited_and_removed_while_the_dispatcher_runs() throws IOException {
        deploy("one", "a", "");
        String first = start("one");
        try (ConfigurableApplicationContext dispatcher = Dispatcher.start(
                Surroundings.ENGINE.baseUrl(), "--etd.routes=file:" + folder, "--etd.reload.enabled=true")) {
            assertThat(dispatcher.isRunning()).isTrue();
            save(route("first", ""), userTask);
            await().atMost(SOON).until(() -> calls("POST", "first", first) == 1);

            save(route("second", ""), userTask);
            await().atMost(SOON).until(() -> {
                start("one");
                return secondWasCalled();
            });
            assertThat(calls("POST", "second", first))
                    .as("it was handed out before")
                    .isZero();

            Files.delete(folder.resolve(userTask + ".camel.yaml"));
            CamelContext camel = dispatcher.getBean(CamelContext.class);
            await().atMost(SOON).until(() -> camel.getRoute(userTask) == null);
            String after = start("one");
            save(route("first", ""), userTask);
            await().atMost(SOON).until(() -> calls("POST", "first", after) == 1);
            assertThat(calls("POST", "second", after)).isZero();
        }
    }

    private boolean secondWasCalled() {
        return Surroundings.GATEWAY.wireMock().getAllServeEvents().stream()
                .anyMatch(event -> event.getRequest().getUrl().startsWith("/second/" + userTask));
    }

    private ConfigurableApplicationContext dispatcher(String filter) {
        save(route("first", filter), userTask);
        return Dispatcher.start(Surroundings.ENGINE.baseUrl(), "--etd.routes=file:" + folder);
    }

    private void awaitHandedOut(ConfigurableApplicationContext dispatcher, String... tasks) {
        assertThat(dispatcher.isRunning()).isTrue();
        await().atMost(SOON).untilAsserted(() -> assertThat(tasks)
                .allSatisfy(task -> assertThat(handedOut(task)).isEqualTo(1)));
    }

    private long handedOut(String task) {
        return calls("POST", "first", task);
    }

    private long calls(String method, String place, String task) {
        String url = "/" + place + "/" + userTask + "/" + task;
        return Surroundings.GATEWAY.wireMock().getAllServeEvents().stream()
                .filter(event -> event.getRequest().getUrl().equals(url)
                        && event.getRequest().getMethod().getName().equals(method))
                .count();
    }

    private int count(String path) {
        return engine.get(path).path("count").asInt();
    }

    private void markDone(String task) {
        engine.put(
                "/task/" + task + "/localVariables/etdHandedOut",
                Map.of("type", "String", "value", "done 2026-01-31T12:00:00Z another-dispatcher"));
    }

    private void cancel(String task) {
        engine.cancel(engine.get("/task/" + task).path("processInstanceId").asText());
    }

    private String key(String process) {
        return process + "-" + userTask;
    }

    /** The id of the user task of a new instance. */
    private String start(String process) {
        return taskOf(engine.startProcess(key(process), UUID.randomUUID().toString(), Map.of()));
    }

    private String start(String process, String tenant) {
        return taskOf(
                engine.post("/process-definition/key/" + key(process) + "/tenant-id/" + tenant + "/start", Map.of())
                        .path("id")
                        .asText());
    }

    private String taskOf(String instance) {
        return engine.list("/task?processInstanceId=" + instance)
                .get(0)
                .path("id")
                .asText();
    }

    private void deploy(String process, String group, String tenant) {
        deploy(process, group, tenant, "");
    }

    private void deploy(String process, String group, String tenant, String loop) {
        String bpmn = """
                <?xml version="1.0" encoding="UTF-8"?>
                <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
                    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions" targetNamespace="http://example.com">
                  <bpmn:process id="%s" isExecutable="true" camunda:historyTimeToLive="P1D">
                    <bpmn:startEvent id="start" />
                    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="%s" />
                    <bpmn:userTask id="%s" camunda:candidateGroups="%s">%s</bpmn:userTask>
                    <bpmn:sequenceFlow id="f2" sourceRef="%s" targetRef="end" />
                    <bpmn:endEvent id="end" />
                  </bpmn:process>
                </bpmn:definitions>
                """.formatted(key(process), userTask, userTask, group, loop, userTask);
        Path file = write(folder.resolve(key(process) + ".bpmn"), bpmn);
        if (tenant.isEmpty()) {
            engine.deploy(file);
        } else {
            engine.deployFor(tenant, file);
        }
    }

    private void save(String route, String name) {
        write(folder.resolve(name + ".camel.yaml"), route);
    }

    private static Path write(Path file, String content) {
        try {
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String route(String place, String filter) {
        return """
                - route:
                    id: %s
                    group: usertask
                    description: Hands out user tasks of a test.
                    from:
                      uri: user-task:%s
                      parameters:
                        variables: "*"
                        %s
                      steps:
                        - to:
                            uri: kamelet:call-gateway
                            parameters:
                              path: /%s/%s/{taskId}
                """.formatted(userTask, userTask, filter, place, userTask);
    }

    private String withdrawing(String filter) {
        return """
                - route:
                    id: %sWithdrawn
                    group: usertask
                    description: Withdraws user tasks of a test.
                    from:
                      uri: user-task:%s
                      parameters:
                        event: withdrawn
                        %s
                      steps:
                        - to:
                            uri: kamelet:call-gateway
                            parameters:
                              method: DELETE
                              path: /first/%s/{taskId}
                """.formatted(userTask, userTask, filter, userTask);
    }
}
