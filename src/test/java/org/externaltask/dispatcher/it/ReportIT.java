package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.noContent;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.StubGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What a dispatcher makes of an engine's less common answers; the engine is a stub, because a real one gives them at its own pleasure. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "etd.routes=file:src/test/resources/leases",
            "spring.rabbitmq.port=1",
            "spring.lifecycle.timeout-per-shutdown-phase=5s"
        })
@DirtiesContext
@ExtendWith(OutputCaptureExtension.class)
class ReportIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String COLLISION =
            "{\"type\": \"OptimisticLockingException\", \"message\": \"updated by another transaction\", \"code\": 1}";

    private static final StubGateway GATEWAY = StubGateway.start(0);
    private static final WireMockServer ENGINE =
            new WireMockServer(WireMockConfiguration.options().dynamicPort().bindAddress("127.0.0.1"));

    private final String task = "t-" + UUID.randomUUID();
    private final MeterRegistry meters;

    ReportIT(@Autowired MeterRegistry meters) {
        this.meters = meters;
    }

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        ENGINE.start();
        properties.add("etd.engines.default.base-url", () -> ENGINE.baseUrl() + "/engine-rest");
        properties.add("etd.gateways.default.base-url", GATEWAY::baseUrl);
    }

    @AfterAll
    static void close() {
        ENGINE.stop();
        GATEWAY.close();
    }

    @BeforeEach
    void engineAnswers() {
        ENGINE.resetAll();
        ENGINE.stubFor(post("/engine-rest/external-task/fetchAndLock")
                .willReturn(okJson("[]").withFixedDelay(100)));
        for (String call : new String[] {"complete", "failure", "unlock", "extendLock"}) {
            ENGINE.stubFor(post(path(call)).willReturn(noContent()));
        }
        GATEWAY.wireMock().resetAll();
        GATEWAY.wireMock().stubFor(post("/work").willReturn(okJson("{\"result\": \"done\"}")));
    }

    @Test
    void a_completion_that_collides_with_another_transaction_is_repeated_at_once() {
        double before = counted("completed");
        first(3, "complete", aResponse().withStatus(500).withBody(COLLISION));

        fetchBringsTheTask(Duration.ZERO);

        awaitCalls(4, "complete");
        await().atMost(SOON).until(() -> counted("completed") == before + 1);
        ENGINE.verify(0, postRequestedFor(urlEqualTo(path("failure"))));
    }

    @Test
    void a_completion_that_collided_is_repeated_before_the_next_one_of_its_process_instance_is_sent() {
        ENGINE.stubFor(post(urlPathMatching(".*/complete")).willReturn(noContent()));
        ENGINE.stubFor(post(urlPathMatching(".*/complete"))
                .inScenario("complete")
                .whenScenarioStateIs(Scenario.STARTED)
                .willSetStateTo("collided")
                .willReturn(aResponse().withStatus(500).withBody(COLLISION).withFixedDelay(2_000)));

        fetchBrings(Scenario.STARTED, "fetched one", taskOfTheInstance(task), Duration.ZERO);
        fetchBrings("fetched one", "fetched two", taskOfTheInstance(task + "-b"), Duration.ZERO);

        await().atMost(SOON).until(() -> completions().size() == 3);
        assertThat(completions().get(1))
                .as("the second call")
                .isEqualTo(completions().get(0));
    }

    @Test
    void a_completion_that_keeps_colliding_is_left_to_the_end_of_its_lock_and_costs_no_retry() {
        double before = counted("unreported");
        ENGINE.stubFor(
                post(path("complete")).willReturn(aResponse().withStatus(500).withBody(COLLISION)));

        fetchBringsTheTask(Duration.ZERO);

        await().atMost(SOON).until(() -> counted("unreported") == before + 1);
        ENGINE.verify(6, postRequestedFor(urlEqualTo(path("complete"))));
        ENGINE.verify(0, postRequestedFor(urlEqualTo(path("failure"))));
    }

    @Test
    void a_completion_is_repeated_while_a_proxy_answers_for_the_engine() {
        first(4, "complete", aResponse().withStatus(502).withBody("<html>Bad gateway</html>"));

        fetchBringsTheTask(Duration.ZERO);

        awaitCalls(5, "complete");
        GATEWAY.wireMock().verify(1, postRequestedFor(urlEqualTo("/work")));
        ENGINE.verify(0, postRequestedFor(urlEqualTo(path("failure"))));
    }

    static Stream<Arguments> tooBusy() {
        String tooMany = "{\"type\": \"InvalidRequestException\", \"message\": \"too many requests\"}";
        return Stream.of(
                Arguments.of("429", aResponse().withStatus(429).withHeader("Retry-After", "1"), 1_000),
                Arguments.of("503", aResponse().withStatus(503).withHeader("Retry-After", "1"), 1_000),
                Arguments.of("500", aResponse().withStatus(500).withBody(tooMany), 50));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tooBusy")
    void a_completion_is_repeated_when_a_busy_engine_says_so(
            String name, ResponseDefinitionBuilder answer, long leastMillis) {
        first(1, "complete", answer);

        fetchBringsTheTask(Duration.ZERO);

        awaitCalls(2, "complete");
        List<LoggedRequest> calls = ENGINE.findAll(postRequestedFor(urlEqualTo(path("complete"))));
        assertThat(Duration.between(
                        calls.get(0).getLoggedDate().toInstant(),
                        calls.get(1).getLoggedDate().toInstant()))
                .isGreaterThanOrEqualTo(Duration.ofMillis(leastMillis));
        ENGINE.verify(0, postRequestedFor(urlEqualTo(path("failure"))));
    }

    @Test
    void a_completion_that_a_proxy_answers_with_a_page_is_repeated_and_is_no_incident() {
        first(1, "complete", ok("<p>Sign in</p>").withHeader("Content-Type", "text/html"));

        fetchBringsTheTask(Duration.ZERO);

        awaitCalls(2, "complete");
        ENGINE.verify(0, postRequestedFor(urlEqualTo(path("failure"))));
    }

    @Test
    void a_completion_that_we_may_not_make_is_no_failure_and_the_error_names_the_permission(CapturedOutput log) {
        ENGINE.stubFor(post(path("complete")).willReturn(aResponse().withStatus(403)));

        fetchBringsTheTask(Duration.ZERO);

        await().atMost(SOON).untilAsserted(() -> assertThat(log)
                .contains("task " + task + " of topic svc_LongWork cannot be reported")
                .contains("answered 403 without credentials: grant READ and UPDATE on PROCESS_INSTANCE"));
        await().during(Duration.ofSeconds(1)).atMost(SOON).untilAsserted(() -> {
            ENGINE.verify(1, postRequestedFor(urlEqualTo(path("complete"))));
            ENGINE.verify(0, postRequestedFor(urlEqualTo(path("failure"))));
        });
    }

    @Test
    void a_value_that_the_engine_cannot_store_is_an_incident_at_once() {
        ENGINE.stubFor(
                post(path("complete"))
                        .willReturn(
                                aResponse()
                                        .withStatus(500)
                                        .withBody(
                                                "{\"type\": \"ProcessEnginePersistenceException\", \"message\": \"too long\", \"code\": 10002}")));

        fetchBringsTheTask(Duration.ZERO);

        awaitCalls(1, "failure");
        ENGINE.verify(postRequestedFor(urlEqualTo(path("failure")))
                .withRequestBody(matchingJsonPath("$.retries", equalTo("0")))
                .withRequestBody(matchingJsonPath("$.errorMessage", equalTo(message("too long")))));
    }

    @Test
    void a_later_step_of_the_process_that_fails_costs_a_retry_and_is_named() {
        ENGINE.stubFor(
                post(path("complete"))
                        .willReturn(
                                aResponse()
                                        .withStatus(500)
                                        .withBody(
                                                "{\"type\": \"ProcessEngineException\", \"message\": \"script failed\", \"code\": 0}")));

        fetchBringsTheTask(Duration.ZERO);

        awaitCalls(1, "failure");
        ENGINE.verify(1, postRequestedFor(urlEqualTo(path("complete"))));
        ENGINE.verify(postRequestedFor(urlEqualTo(path("failure")))
                .withRequestBody(matchingJsonPath("$.retries", equalTo("2")))
                .withRequestBody(matchingJsonPath("$.errorMessage", equalTo(message("script failed")))));
    }

    @Test
    void a_task_whose_lease_is_nearly_used_up_when_the_engine_answers_is_given_back_and_not_started() {
        double before = counted("leaseTooShort");

        fetchBringsTheTask(Duration.ofMillis(1_600)); // of two seconds

        awaitCalls(1, "unlock");
        await().atMost(SOON).until(() -> counted("leaseTooShort") == before + 1);
        GATEWAY.wireMock().verify(0, postRequestedFor(urlEqualTo("/work")));
    }

    @Test
    void a_task_whose_lease_is_over_when_the_engine_answers_is_not_unlocked_because_somebody_else_may_hold_it() {
        double before = counted("leaseTooShort");

        fetchBringsTheTask(Duration.ofMillis(2_200));

        await().atMost(SOON).until(() -> counted("leaseTooShort") == before + 1);
        ENGINE.verify(0, postRequestedFor(urlEqualTo(path("unlock"))));
        GATEWAY.wireMock().verify(0, postRequestedFor(urlEqualTo("/work")));
    }

    private void fetchBringsTheTask(Duration after) {
        String body = """
                [{"id": "%s", "topicName": "svc_LongWork", "retries": null, "variables": {"key": {"type": "String", "value": "K-1"}}}]
                """.formatted(task);
        fetchBrings(Scenario.STARTED, "fetched", body, after);
    }

    private static String taskOfTheInstance(String task) {
        return """
                [{"id": "%s", "topicName": "svc_LongWork", "processInstanceId": "P-1", "variables": {"key": {"type": "String", "value": "K-1"}}}]
                """.formatted(task);
    }

    private static void fetchBrings(String from, String to, String body, Duration after) {
        ENGINE.stubFor(post("/engine-rest/external-task/fetchAndLock")
                .inScenario("fetch")
                .whenScenarioStateIs(from)
                .willSetStateTo(to)
                .willReturn(okJson(body).withFixedDelay((int) after.toMillis())));
    }

    private void first(int times, String call, ResponseDefinitionBuilder answer) {
        for (int i = 0; i < times; i++) {
            ENGINE.stubFor(post(path(call))
                    .inScenario(call)
                    .whenScenarioStateIs(i == 0 ? Scenario.STARTED : "answered " + i)
                    .willSetStateTo("answered " + (i + 1))
                    .willReturn(answer));
        }
    }

    private void awaitCalls(int count, String call) {
        await().atMost(SOON)
                .pollInterval(50, TimeUnit.MILLISECONDS)
                .untilAsserted(() -> ENGINE.verify(count, postRequestedFor(urlEqualTo(path(call)))));
    }

    /** The paths of the completions, in the order in which they came. */
    private static List<String> completions() {
        return ENGINE.findAll(postRequestedFor(urlPathMatching(".*/complete"))).stream()
                .sorted(Comparator.comparing(LoggedRequest::getLoggedDate))
                .map(LoggedRequest::getUrl)
                .toList();
    }

    private String path(String call) {
        return "/engine-rest/external-task/" + task + "/" + call;
    }

    private static String message(String said) {
        return "svc_LongWork: POST /external-task/{taskId}/complete on engine default answered 500: " + said;
    }

    private double counted(String outcome) {
        var counter = meters.find("etd.tasks")
                .tags("topic", "svc_LongWork", "outcome", outcome)
                .counter();
        return counter == null ? 0 : counter.count();
    }
}
