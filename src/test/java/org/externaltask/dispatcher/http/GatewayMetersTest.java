package org.externaltask.dispatcher.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.circuit.CircuitUser;
import org.externaltask.dispatcher.circuit.TestCircuits;
import org.externaltask.dispatcher.sandbox.StubGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GatewayMetersTest {

    private static final StubGateway GATEWAY = StubGateway.start(0);

    private HttpPeerFixture peers;

    @BeforeEach
    void start() {
        peers = new HttpPeerFixture(
                GATEWAY.baseUrl().toString(),
                HttpPeerFixture.NOBODY,
                TestCircuits.with(Map.of()).gateways());
    }

    @AfterEach
    void stop() {
        peers.close();
    }

    @AfterAll
    static void stopGateway() {
        GATEWAY.close();
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                Arguments.of(aResponse().withStatus(204), "2xx"),
                Arguments.of(aResponse().withStatus(404), "4xx"),
                Arguments.of(aResponse().withStatus(503), "5xx"),
                Arguments.of(aResponse().withStatus(200).withBody("no JSON"), "unusable"),
                Arguments.of(aResponse().withFixedDelay(5_000), "timeout"),
                Arguments.of(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER), "unreachable"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("answers")
    void a_call_is_measured_once_with_the_topic_of_the_route_and_not_with_what_a_variable_says(
            ResponseDefinitionBuilder answer, String outcome) {
        GATEWAY.wireMock().stubFor(any(anyUrl()).willReturn(answer));
        Exchange exchange = peers.exchange("{}");
        CircuitUser.attach(() -> "svc_Route", exchange);
        exchange.setVariable("topicName", "from the data");

        peers.send("gateway:default?method=POST&path=/things", exchange);

        assertThat(peers.registry.find("etd.gateway").timers())
                .singleElement()
                .satisfies(timer -> assertThat(timer.count()).isOne())
                .satisfies(timer ->
                        assertThat(timer.totalTime(TimeUnit.NANOSECONDS)).isPositive())
                .satisfies(timer -> assertThat(List.of(
                                timer.getId().getTag("gateway"),
                                timer.getId().getTag("topic"),
                                timer.getId().getTag("outcome")))
                        .containsExactly("default", "svc_Route", outcome));
    }

    @Test
    void the_percentiles_of_the_calls_can_be_read() {
        GATEWAY.wireMock().stubFor(any(anyUrl()).willReturn(aResponse().withStatus(204)));

        peers.send("gateway:default?method=POST&path=/things", "{}");

        assertThat(peers.registry.get("etd.gateway").timer().takeSnapshot().percentileValues())
                .extracting(value -> value.percentile())
                .containsExactly(0.5, 0.95);
    }
}
