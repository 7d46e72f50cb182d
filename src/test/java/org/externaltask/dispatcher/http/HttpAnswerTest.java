package org.externaltask.dispatcher.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Exchange;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.externaltask.dispatcher.http.HttpCallFailed.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer may answer, and what a route sees of it. */
class HttpAnswerTest {

    private static final String CALL = "gateway:default?method=POST&path=/orders/{id}&query=pin={pin}";
    private static final String BODY = "{\"id\": 7, \"pin\": \"1234\"}";

    @RegisterExtension
    static final WireMockExtension PEER =
            WireMockExtension.newInstance().options(options().dynamicPort()).build();

    private HttpPeerFixture etd;

    @BeforeEach
    void start() {
        etd = new HttpPeerFixture(PEER.baseUrl());
    }

    @AfterEach
    void stop() {
        etd.close();
    }

    static Stream<Arguments> success() {
        return Stream.of(
                Arguments.of("200 with JSON", okJson("{\"a\":1}"), "{\"a\":1}"),
                Arguments.of("200 with vendor JSON", answer(200, "application/hal+json;v=1", "{\"a\":1}"), "{\"a\":1}"),
                Arguments.of("200 with an array", okJson("[1,2]"), "[1,2]"),
                Arguments.of(
                        "200 with exact numbers",
                        okJson("{\"a\":0.10,\"b\":9007199254740993}"),
                        "{\"a\":0.10,\"b\":9007199254740993}"),
                Arguments.of("200 with JSON null", okJson("null"), null),
                Arguments.of("200 without content type", aResponse().withBody("{\"a\":1}"), "{\"a\":1}"),
                Arguments.of("200 with nothing", aResponse(), null),
                Arguments.of("200 with white space", answer(200, "text/html", " \r\n"), null),
                Arguments.of(
                        "201 with JSON",
                        answer(201, "application/json", "{\"a\":1}").withHeader("Location", "/orders/7"),
                        "{\"a\":1}"),
                Arguments.of("202 with nothing", aResponse().withStatus(202), null),
                Arguments.of("204", aResponse().withStatus(204), null),
                Arguments.of("205", aResponse().withStatus(205), null),
                Arguments.of(
                        "as much as is allowed",
                        okJson("\"" + "x".repeat(HttpPeerFixture.MAX_BYTES - 2) + "\""),
                        "\"" + "x".repeat(HttpPeerFixture.MAX_BYTES - 2) + "\""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("success")
    void the_json_of_the_answer_becomes_the_body(String name, ResponseDefinitionBuilder answer, String body) {
        PEER.stubFor(any(anyUrl()).willReturn(answer));

        Exchange exchange = etd.send(CALL, BODY);

        assertThat(exchange.getException()).isNull();
        JsonNode json = (JsonNode) exchange.getMessage().getBody();
        assertThat(json == null ? null : json.toString()).isEqualTo(body);
        assertThat(exchange.getMessage().getHeaders()).isEmpty();
    }

    static Stream<Arguments> unusable() {
        return Stream.of(
                Arguments.of(
                        answer(200, "text/html;charset=UTF-8", "<p>Maintenance</p>"),
                        "200 with text/html, expected JSON or an empty body"),
                Arguments.of(answer(200, "text/plain", "{}"), "200 with text/plain, expected JSON or an empty body"),
                Arguments.of(
                        answer(201, "application/xml", "<a/>"),
                        "201 with application/xml, expected JSON or an empty body"),
                Arguments.of(
                        answer(200, "application/x-java-serialized-object", "x"),
                        "200 with application/x-java-serialized-object, expected JSON or an empty body"),
                Arguments.of(
                        answer(200, "x\ty/${env:HOME}", "x"),
                        "200 with an unreadable content type, expected JSON or an empty body"),
                Arguments.of(
                        answer(200, "application/json", "{\"a\": 1} secret"), "200 with invalid JSON (line 1, column"),
                Arguments.of(answer(200, "application/json", "{\"a\": [1, 2"), "200 with invalid JSON (line 1, column"),
                Arguments.of(answer(200, "application/json", "[".repeat(2000)), "200 with invalid JSON"),
                Arguments.of(
                        aResponse().withBody("hello"),
                        "200 with invalid JSON (line 1, column 1), and without a content type"),
                Arguments.of(
                        okJson("\"" + "x".repeat(HttpPeerFixture.MAX_BYTES) + "\""),
                        "200 with more than 100000 bytes: ask for less, or raise etd.gateways.default.max-response-bytes"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("unusable")
    void a_success_that_no_route_can_work_with_is_named(ResponseDefinitionBuilder answer, String what) {
        PEER.stubFor(any(anyUrl()).willReturn(answer));

        assertThat(etd.failure(CALL, BODY, UnusableAnswer.class))
                .hasMessageStartingWith("svc_Example: POST /orders/{id} on gateway default answered " + what)
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 407, 408, 409, 422, 425, 429, 500, 501, 502, 503,
                504, 599
            })
    void any_other_status_fails_after_exactly_one_request(int status) {
        PEER.stubFor(any(anyUrl())
                .willReturn(aResponse()
                        .withStatus(status)
                        .withHeader("Location", PEER.baseUrl() + "/elsewhere")
                        .withHeader("Retry-After", "0")
                        .withHeader("WWW-Authenticate", "Basic realm=\"x\"")
                        .withHeader("Set-Cookie", "a=b")));

        Exchange exchange = etd.send(CALL, BODY);

        HttpCallFailed failure = (HttpCallFailed) exchange.getException();
        assertThat(failure).hasMessage("POST /orders/{id} on gateway default answered " + status);
        assertThat(failure.reason()).isEqualTo(Reason.STATUS);
        assertThat(failure.status()).isEqualTo(status);
        assertThat(failure.peer()).isEqualTo("gateway default");
        assertThat(failure.method()).isEqualTo("POST");
        assertThat(failure.path()).isEqualTo("/orders/{id}");
        assertThat(exchange.getProperty(HttpCallFailed.STATUS)).isEqualTo(status);
        assertThat(exchange.getMessage().getHeaders()).isEmpty();
        assertThat(PEER.getAllServeEvents()).hasSize(1);
    }

    @Test
    void the_json_of_a_failure_is_there_for_those_who_ask() {
        PEER.stubFor(any(anyUrl())
                .willReturn(answer(400, "application/problem+json", "{\"title\":\"no stock\",\"price\":0.10}")));

        HttpCallFailed failure = etd.failure(CALL, BODY, HttpCallFailed.class);

        assertThat(failure.json()).hasValueSatisfying(json -> {
            assertThat(json.get("title").asText()).isEqualTo("no stock");
            assertThat(json.get("price").decimalValue()).isEqualTo("0.10");
        });
        assertThat(failure.excerpt()).startsWith("{\"title\"");
        assertThat(failure).hasMessageNotContaining("stock").hasMessageNotContaining("1234");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"text/html|<p>no stock</p>", "application/json|{\"a\":"})
    void a_failure_without_usable_json_has_an_excerpt(String contentType, String body) {
        PEER.stubFor(any(anyUrl()).willReturn(answer(500, contentType, body)));

        HttpCallFailed failure = etd.failure(CALL, BODY, HttpCallFailed.class);

        assertThat(failure.json()).isEmpty();
        assertThat(failure.excerpt()).isEqualTo(body);
    }

    @Test
    void a_huge_failure_is_cut() {
        PEER.stubFor(any(anyUrl()).willReturn(answer(502, "text/html", "x".repeat(HttpPeerFixture.MAX_BYTES + 1))));

        HttpCallFailed failure = etd.failure(CALL, BODY, HttpCallFailed.class);

        assertThat(failure.status()).isEqualTo(502);
        assertThat(failure.excerpt().length()).isLessThanOrEqualTo(8192);
    }

    @Test
    void a_head_has_no_body() {
        PEER.stubFor(any(anyUrl()).willReturn(okJson("{}")));

        Exchange exchange = etd.send("gateway:default?method=HEAD&path=/x", BODY);

        assertThat(exchange.getException()).isNull();
        assertThat(exchange.getMessage().getBody()).isNull();
    }

    @Test
    void a_compressed_answer_is_unpacked_within_the_limit() throws Exception {
        PEER.stubFor(any(anyUrl()).willReturn(compressed("\"" + "x".repeat(50_000) + "\"")));
        JsonNode body = etd.send(CALL, BODY).getMessage().getBody(JsonNode.class);
        assertThat(body.asText()).hasSize(50_000);

        PEER.stubFor(any(anyUrl()).willReturn(compressed("\"" + "x".repeat(5_000_000) + "\"")));
        assertThat(etd.failure(CALL, BODY, UnusableAnswer.class)).hasMessageContaining("more than 100000 bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {502, 503, 504})
    void an_idempotent_call_is_repeated_once_and_soon_whatever_retry_after_says(int status) {
        PEER.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(status).withHeader("Retry-After", "3600")));

        long started = System.nanoTime();
        HttpCallFailed failure = etd.failure(CALL + "&idempotent=true", BODY, HttpCallFailed.class);

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
        assertThat(failure.retryAfter()).contains(Duration.ofHours(1));
        assertThat(PEER.getAllServeEvents()).hasSize(2);
    }

    @Test
    void the_repeat_of_an_idempotent_call_is_the_same_request() {
        PEER.stubFor(any(anyUrl())
                .inScenario("repeat")
                .whenScenarioStateIs(Scenario.STARTED)
                .willSetStateTo("up again")
                .willReturn(aResponse().withStatus(503)));
        PEER.stubFor(any(anyUrl())
                .inScenario("repeat")
                .whenScenarioStateIs("up again")
                .willReturn(okJson("{\"a\":1}")));

        Exchange exchange = etd.send(
                "gateway:default?path=/orders/{id}&query=RAW(q={id}&b=%2F)&idempotent=true",
                "{\"id\": \"a/b c?&%2e\"}");

        assertThat(exchange.getException()).isNull();
        assertThat(exchange.getMessage().getBody()).hasToString("{\"a\":1}");
        assertThat(PEER.getAllServeEvents()).hasSize(2).allSatisfy(event -> {
            assertThat(event.getRequest().getUrl())
                    .isEqualTo("/orders/a%2Fb%20c%3F%26%252e?q=a%2Fb%20c%3F%26%252e&b=%2F");
            assertThat(event.getRequest().getBodyAsString()).isEqualTo("{\"id\":\"a/b c?&%2e\"}");
            assertThat(event.getRequest().getHeader("Idempotency-Key")).isEqualTo("task-1");
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 429, 500})
    void an_idempotent_call_is_not_repeated_when_the_peer_itself_refuses(int status) {
        PEER.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(status)));

        assertThat(etd.failure(CALL + "&idempotent=true", BODY, HttpCallFailed.class)
                        .status())
                .isEqualTo(status);
        assertThat(PEER.getAllServeEvents()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            delimiter = '|',
            value = {
                "120|PT2M",
                " 5 |PT5S",
                "0|PT0S",
                "-5|PT0S",
                "999999|PT277H46M39S",
                "Wed, 21 Oct 2026 07:29:00 GMT|PT1M",
                "Wed, 21 Oct 2026 07:27:00 GMT|PT0S",
                "99999999999999999999|none",
                "soon|none",
                "''|none",
                "1.5|none",
            })
    void retry_after_is_read_as_seconds_or_a_date(String header, Duration wait) {
        BasicHttpResponse response = new BasicHttpResponse(429);
        response.addHeader("Date", "Wed, 21 Oct 2026 07:28:00 GMT");
        response.addHeader("Retry-After", header);

        assertThat(RetryAfter.of(response).orElse(null)).isEqualTo(wait);
    }

    @Test
    void an_answer_without_retry_after_asks_for_nothing() {
        assertThat(RetryAfter.of(new BasicHttpResponse(503))).isEmpty();
    }

    private static ResponseDefinitionBuilder compressed(String json) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(json.getBytes(StandardCharsets.UTF_8));
        }
        return okJson("").withHeader("Content-Encoding", "gzip").withBody(bytes.toByteArray());
    }

    private static ResponseDefinitionBuilder answer(int status, String contentType, String body) {
        return aResponse()
                .withStatus(status)
                .withHeader("Content-Type", contentType)
                .withBody(body);
    }
}
