package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthEndpoint;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Topics whose gateway is away or hangs, beside topics whose gateway is well. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "etd.routes=file:src/test/resources/circuit",
            "etd.gateways.default.circuit.sliding-window-size=4",
            "etd.gateways.default.circuit.minimum-number-of-calls=4",
            "etd.gateways.default.circuit.wait-duration-in-open-state=1s",
            "etd.gateways.default.circuit.max-wait-duration-in-open-state=4s"
        })
@DirtiesContext // or this dispatcher would take the tasks of the next test
@ExtendWith(OutputCaptureExtension.class)
@Tag("any-engine")
class CircuitIT {

    private static final int WINDOW = 4;
    private static final int TRIES = 3;
    private static final int MAX_CONCURRENT = 4;

    private static FaultyLine line;
    private static FaultyLine hanging;
    private static WireMockServer engineLine;

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final MeterRegistry meters;
    private final HealthEndpoint health;
    private final Circuit gateway;

    CircuitIT(@Autowired MeterRegistry meters, @Autowired HealthEndpoint health, @Autowired Circuits circuits) {
        this.meters = meters;
        this.health = health;
        this.gateway = circuits.gateways().get("default");
    }

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) throws IOException {
        Surroundings.connect(properties);
        properties.add("etd.gateways.default.circuit.enabled", () -> true);
        URI baseUrl = Surroundings.GATEWAY.baseUrl();
        line = new FaultyLine("localhost", baseUrl.getPort());
        hanging = new FaultyLine("localhost", baseUrl.getPort());
        properties.add("etd.gateways.default.base-url", () -> "http://localhost:" + line.port());
        properties.add("etd.gateways.hanging.base-url", () -> "http://localhost:" + hanging.port());
        properties.add("etd.gateways.healthy.base-url", () -> baseUrl);
        URI engine = Surroundings.ENGINE.baseUrl();
        engineLine = new WireMockServer(options().bindAddress("127.0.0.1").dynamicPort());
        engineLine.start();
        engineLine.stubFor(any(anyUrl()).willReturn(aResponse().proxiedFrom("http://localhost:" + engine.getPort())));
        properties.add(
                "etd.engines.default.base-url", () -> "http://localhost:" + engineLine.port() + engine.getPath());
    }

    @AfterAll
    static void cutTheLines() throws IOException {
        line.close();
        hanging.close();
        engineLine.stop();
    }

    @BeforeEach
    void stub() {
        Work.takes(Duration.ZERO);
        engineLine.resetRequests();
    }

    @AfterEach
    void forgetStubs() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    @Test
    void a_gateway_that_is_away_takes_its_topics_out_of_the_fetch_until_it_is_back(CapturedOutput log) {
        line.cut();
        List<String> waiting = start("svc_First", 12);
        await().atMost(Work.SOON).until(() -> !gateway.status().closed());
        List<String> learned = start("svc_Second", 12);

        Set<Instant> phases = new HashSet<>();
        await().atMost(Work.SOON)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> phases.add(gateway.status().since()) && phases.size() >= 5);
        List<String> healthy = start("svc_Healthy", 8);
        healthy.forEach(Work::awaitDone);

        assertThat(tasks(waiting).stream().mapToInt(CircuitIT::lostRetries).sum())
                .as(
                        "retries lost to the calls that opened the circuit and those under way then; trying again costs none")
                .isLessThan(WINDOW + MAX_CONCURRENT);
        assertThat(tasks(learned)).allMatch(task -> lostRetries(task) == 0);
        await().atMost(Work.SOON)
                .until(() -> Work.lockedTasks("svc_First").isEmpty()
                        && Work.lockedTasks("svc_Second").isEmpty());
        Health down = (Health) health.healthForPath("gateways");
        assertThat(down.getStatus().getCode()).isEqualTo("DOWN");
        assertThat((Map<?, ?>) down.getDetails().get("healthy"))
                .extracting("circuit")
                .isEqualTo("closed");
        assertThat(health.healthForPath("livenessState").getStatus().getCode()).isEqualTo("UP");
        assertThat(meters.get("resilience4j.circuitbreaker.state")
                        .tags("name", "gateway default", "state", "closed")
                        .gauge()
                        .value())
                .isZero();
        assertThat(fetches("svc_First") + fetches("svc_Second"))
                .as("the topics are asked for when the gateway is tried again, not over and over")
                .isLessThan(60);
        assertThat(unlocks())
                .as("one round for each topic to learn of it, and few later")
                .isLessThan(40);

        line.mend();

        Stream.concat(waiting.stream(), learned.stream()).forEach(Work::awaitDone);
        await().atMost(Work.SOON).until(() -> gateway.status().closed());
        assertThat(health.healthForPath("gateways").getStatus().getCode()).isEqualTo("UP");
        assertThat(log)
                .containsOnlyOnce("gateway default keeps failing: POST /work on gateway default could not be reached");
        assertThat(log).containsOnlyOnce("gateway default answers again after");
    }

    @Test
    void tasks_in_work_when_the_circuit_opens_are_given_back_and_lose_no_retry() {
        double before = counted("svc_CallsBoth", "circuitOpen");
        Surroundings.GATEWAY
                .wireMock()
                .stubFor(post("/slow").willReturn(okJson("{}").withFixedDelay(2_000)));
        List<String> inWork = start("svc_CallsBoth", 3);
        await().atMost(Work.SOON).until(() -> Work.lockedTasks("svc_CallsBoth").size() == 3);

        gateway.block("of this test");

        await().atMost(Work.SOON).until(() -> counted("svc_CallsBoth", "circuitOpen") == before + 3);
        List<String> waiting = start("svc_CallsBoth", 5);
        start("svc_Healthy", 5).forEach(Work::awaitDone);
        assertThat(tasks(Stream.concat(inWork.stream(), waiting.stream()).toList()))
                .hasSize(8)
                .allMatch(task -> task.path("retries").isNull())
                .allMatch(task -> task.path("workerId").isNull());
        assertThat(counted("svc_CallsBoth", "circuitOpen")).isEqualTo(before + 3);

        gateway.unblock(true);

        Stream.concat(inWork.stream(), waiting.stream()).forEach(Work::awaitDone);
        assertThat(inWork).allMatch(instance -> Work.failures(instance).isEmpty());
    }

    @Test
    void a_topic_whose_calls_hang_takes_nothing_from_the_others() {
        hanging.swallowAnswers(true);
        List<String> stuck = start("svc_Hangs", MAX_CONCURRENT + 2);
        await().atMost(Work.SOON).until(() -> Work.lockedTasks("svc_Hangs").size() == MAX_CONCURRENT);

        start("svc_Healthy", 30).forEach(Work::awaitDone);

        assertThat(Work.lockedTasks("svc_Hangs")).hasSize(MAX_CONCURRENT);
        assertThat(tasks(stuck)).hasSize(MAX_CONCURRENT + 2).allMatch(task -> task.path("retries")
                .isNull());
        hanging.swallowAnswers(false);
        hanging.cut();
        hanging.mend();
        stuck.forEach(Work::awaitDone);
    }

    private static List<String> start(String topic, int count) {
        return Stream.generate(() -> Work.start(topic)).limit(count).toList();
    }

    private static List<JsonNode> tasks(List<String> instances) {
        return instances.stream().map(Work::task).toList();
    }

    private static int lostRetries(JsonNode task) {
        return task.path("retries").isNull() ? 0 : TRIES - task.path("retries").asInt();
    }

    private static int fetches(String topic) {
        return engineLine
                .findAll(postRequestedFor(urlPathMatching(".*/fetchAndLock")).withRequestBody(containing(topic)))
                .size();
    }

    private static int unlocks() {
        return engineLine
                .findAll(postRequestedFor(urlPathMatching(".*/unlock")))
                .size();
    }

    private double counted(String topic, String outcome) {
        var counter = meters.find("etd.tasks")
                .tags("topic", topic, "outcome", outcome)
                .counter();
        return counter == null ? 0 : counter.count();
    }
}
