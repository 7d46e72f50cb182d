package org.externaltask.dispatcher.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import java.util.Map;
import java.util.stream.Stream;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.circuit.TestCircuits;
import org.externaltask.dispatcher.failure.CircuitOpen;
import org.externaltask.dispatcher.sandbox.StubGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the circuit of a gateway learns from its calls: two calls make a window here, half of which must fail. */
class GatewayCircuitTest {

    private static final StubGateway GATEWAY = StubGateway.start(0);

    private final Circuit circuit = TestCircuits.with(
                    Map.of("sliding-window-size", "2", "minimum-number-of-calls", "2"))
            .gateways()
            .get("default");
    private HttpPeerFixture peers;

    @BeforeEach
    void start() {
        peers = new HttpPeerFixture(GATEWAY.baseUrl().toString(), HttpPeerFixture.NOBODY, Map.of("default", circuit));
    }

    @AfterEach
    void stop() {
        peers.close();
    }

    @AfterAll
    static void stopGateway() {
        GATEWAY.close();
    }

    static Stream<Arguments> failures() {
        return Stream.concat(
                Stream.of(408, 425, 429, 500, 502, 503, 504)
                        .map(status -> Arguments.of(status, aResponse().withStatus(status))),
                Stream.of(
                        Arguments.of("broken off", aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)),
                        Arguments.of("no answer in time", aResponse().withFixedDelay(5_000))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void what_may_pass_by_itself_opens_the_circuit(Object what, ResponseDefinitionBuilder answer) {
        answers(answer);

        call();
        call();

        assertThat(circuit.status().state()).isEqualTo("open");
        assertThat(call()).isInstanceOf(CircuitOpen.class);
    }

    @Test
    void a_gateway_that_refuses_connections_opens_the_circuit() {
        peers.close();
        peers = new HttpPeerFixture("http://localhost:1", HttpPeerFixture.NOBODY, Map.of("default", circuit));

        call();
        call();

        assertThat(circuit.status().lastError())
                .isEqualTo("POST /work on gateway default could not be reached: connection refused");
        assertThat(circuit.status().closed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 400, 401, 403, 404, 409, 410, 418, 422})
    void any_other_answer_shows_that_the_gateway_is_there(int status) {
        answers(aResponse().withStatus(status));

        for (int i = 0; i < 4; i++) {
            assertThat(call()).isInstanceOf(HttpCallFailed.class);
        }

        assertThat(circuit.status().closed()).isTrue();
    }

    @Test
    void an_answer_that_no_route_can_use_shows_that_the_gateway_is_there() {
        answers(aResponse().withBody("<html>").withHeader("Content-Type", "text/html"));

        for (int i = 0; i < 4; i++) {
            assertThat(call()).isInstanceOf(UnusableAnswer.class);
        }

        assertThat(circuit.status().closed()).isTrue();
    }

    @Test
    void a_call_that_cannot_be_made_says_nothing_about_the_gateway() {
        answers(aResponse().withStatus(503));
        call();

        for (int i = 0; i < 4; i++) {
            assertThat(peers.send("gateway:default?path=/work/{missing}", "{}").getException())
                    .isInstanceOf(UnusableRequest.class);
        }
        call();

        assertThat(circuit.status().closed())
                .as("two calls failed, and they are the window")
                .isFalse();
    }

    private static void answers(ResponseDefinitionBuilder answer) {
        GATEWAY.wireMock().resetAll();
        GATEWAY.wireMock().stubFor(any(anyUrl()).willReturn(answer));
    }

    private Exception call() {
        return peers.send("gateway:default?path=/work", "{}").getException();
    }
}
