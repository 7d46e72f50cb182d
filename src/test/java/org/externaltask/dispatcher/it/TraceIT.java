package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The trace that a task belongs to. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "etd.routes=file:src/test/resources/topics")
@DirtiesContext
class TraceIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final EngineClient engine = Surroundings.ENGINE.client();

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @BeforeEach
    void answer() {
        Surroundings.GATEWAY.wireMock().resetRequests();
        Surroundings.GATEWAY.wireMock().stubFor(any(anyUrl()).willReturn(okJson("{\"name\": \"a thing\"}")));
    }

    @AfterEach
    void reset() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    @Test
    void the_trace_of_the_process_goes_on_at_the_gateway() {
        start("B-1", Map.of("topic", "svc_Traced", "key", "K-1", "traceparent", GIVEN));

        assertThat(call().getHeader("traceparent")).isEqualTo(GIVEN);
    }

    @Test
    void a_process_without_a_trace_gets_one_with_the_id_of_its_instance() {
        String instance = start("B-2", Map.of("topic", "svc_Lookup", "key", "K-1"));

        assertThat(call().getHeader("traceparent")).matches("00-" + instance.replace("-", "") + "-[0-9a-f]{16}-01");
    }

    @Test
    void what_is_no_trace_context_is_not_handed_on() {
        String instance = start(
                "B-3",
                Map.of(
                        "topic",
                        "svc_Traced",
                        "key",
                        "K-1",
                        "traceparent",
                        "00-00000000000000000000000000000000-x\r\nX-Evil: 1"));

        assertThat(call().getHeader("traceparent")).startsWith("00-" + instance.replace("-", ""));
    }

    private String start(String businessKey, Map<String, ?> variables) {
        return engine.startProcess("one-task", businessKey, variables);
    }

    private static LoggedRequest call() {
        await().atMost(SOON).until(() -> !calls().isEmpty());
        return calls().get(0);
    }

    private static List<LoggedRequest> calls() {
        return Surroundings.GATEWAY.wireMock().findAll(anyRequestedFor(anyUrl()));
    }
}
