package org.externaltask.dispatcher.security;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.failure.PermanentFailure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Calls of a gateway: what a naive route does with hostile data, and what {@code kamelet:call-gateway} does with the same. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = WebEnvironment.NONE,
        properties = {
            "etd.routes=file:src/test/resources/security/own/service",
            "etd.engines.default.base-url=http://localhost:1",
            "spring.rabbitmq.port=1",
            "secret=TOPSECRET"
        })
class GatewayCallsTest {

    @RegisterExtension
    static final WireMockExtension GATEWAY =
            WireMockExtension.newInstance().options(options().dynamicPort()).build();

    @RegisterExtension
    static final WireMockExtension ELSEWHERE =
            WireMockExtension.newInstance().options(options().dynamicPort()).build();

    private final CamelContext etd;
    private NaiveCamel naive;

    GatewayCallsTest(@Autowired CamelContext etd) {
        this.etd = etd;
    }

    @DynamicPropertySource
    static void gateway(DynamicPropertyRegistry properties) {
        properties.add("etd.gateways.default.base-url", GATEWAY::baseUrl);
    }

    @BeforeEach
    void start() {
        GATEWAY.stubFor(any(anyUrl()).willReturn(okJson("{\"a\": 1}")));
        ELSEWHERE.stubFor(any(anyUrl()).willReturn(okJson("{}")));
        naive = new NaiveCamel(Map.of("gateway", GATEWAY.baseUrl(), "secret", "TOPSECRET", "cache", "false"));
    }

    @AfterEach
    void stop() {
        naive.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {{secret}}               | GET    | /customers/TOPSECRET
            {{sys:user.dir}}         | GET    | WORKING_DIRECTORY
            1?httpMethod=DELETE      | DELETE | /customers/1
            1?x=1&httpMethod=DELETE  | DELETE | /customers/1?x=1
            ../admin/users           | GET    | /customers/../admin/users
            %2e%2e/admin/users       | GET    | /customers/../admin/users
            """)
    void finding_1_naively_a_variable_reads_secrets_and_chooses_verb_and_path(String id, String verb, String url)
            throws Exception {
        naive.with("value-in-address").send("value-in-address", null, Map.of(), Map.of("id", id));

        assertThat(request().getMethod().getName()).isEqualTo(verb);
        String expected = url.equals("WORKING_DIRECTORY") ? "/customers/" + System.getProperty("user.dir") : url;
        assertThat(request().getUrl()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{secret}}",
                "{{sys:user.dir}}",
                "{{env:HOME}}",
                "1?httpMethod=DELETE",
                "1?x=1&httpMethod=DELETE",
                "&httpMethod=DELETE",
                "%2e%2e/admin/users",
                "@elsewhere.example/",
                "//elsewhere.example/",
                "a\r\nX-Evil: 1",
                "${env.HOME}",
                "${variable.taskId}",
                "RAW(x)",
                "#bean:camelContext",
                "#class:java.lang.String",
            })
    void finding_1_a_variable_is_one_segment_of_the_path_and_one_value_of_the_query(String id) {
        Exchange exchange = send("svc_LookUp", id, Map.of());

        assertThat(exchange.getException()).isNull();
        assertThat(request().getMethod().getName()).isEqualTo("GET");
        assertThat(request().getUrl()).matches("/customers/[^/?#&=\\r\\n]+\\?again=[^/?#&=\\r\\n]+");
        assertThat(List.of(request().getUrl().substring("/customers/".length()).split("\\?again=")))
                .allSatisfy(part -> assertThat(URLDecoder.decode(part, StandardCharsets.UTF_8))
                        .isEqualTo(id));
        assertThat(request().containsHeader("X-Evil")).isFalse();
        assertThat(GATEWAY.getAllServeEvents()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../admin/users", "..", ".", "x/../../admin", "..\\admin"})
    void finding_1_a_variable_that_climbs_is_refused_before_any_call(String id) {
        assertThat(send("svc_LookUp", id, Map.of()).getException())
                .isInstanceOf(PermanentFailure.class)
                .hasMessage(
                        "svc_LookUp: GET /customers/{id} on gateway default cannot be made: id holds . or .. as a path"
                                + " segment");
        assertThat(GATEWAY.getAllServeEvents()).isEmpty();
    }

    @Test
    void finding_1_naively_a_header_chooses_the_host() throws Exception {
        naive.with("header-names-address")
                .send("header-names-address", null, Map.of("CamelHttpUri", ELSEWHERE.url("/stolen")), Map.of());

        assertThat(GATEWAY.getAllServeEvents()).isEmpty();
        assertThat(ELSEWHERE.getAllServeEvents()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CamelHttpUri", "cAmElHttpUri", "CAMELHTTPURI", "CamelRestHttpUri", "CamelHttpHost"})
    void finding_1_no_header_chooses_the_host(String header) {
        Map<String, Object> headers = Map.of(
                header,
                ELSEWHERE.url("/stolen"),
                "CamelHttpPath",
                "/admin",
                "CamelHttpQuery",
                "admin=true",
                "CamelHttpMethod",
                "DELETE");

        send("svc_LookUp", "C-1", headers);

        assertThat(ELSEWHERE.getAllServeEvents()).isEmpty();
        assertThat(request().getUrl()).isEqualTo("/customers/C-1?again=C-1");
        assertThat(request().getMethod().getName()).isEqualTo("GET");
    }

    @Test
    void finding_1_a_redirect_is_not_followed() {
        GATEWAY.stubFor(
                any(anyUrl()).willReturn(aResponse().withStatus(307).withHeader("Location", ELSEWHERE.url("/stolen"))));

        assertThat(send("svc_Order", "C-1", Map.of()).getException())
                .hasMessage("POST /orders on gateway default answered 307");
        assertThat(ELSEWHERE.getAllServeEvents()).isEmpty();
        assertThat(GATEWAY.getAllServeEvents()).hasSize(1);
    }

    @Test
    void finding_1_naively_a_variable_writes_into_the_body() throws Exception {
        naive.with("template-json")
                .send("template-json", null, Map.of(), Map.of("id", "C-1\", \"discount\": 100, \"x\": \""));

        assertThat(request().getBodyAsString()).startsWith("{\"customer\": \"C-1\", \"discount\": 100,");
    }

    @Test
    void finding_1_a_variable_is_one_value_of_the_body() {
        send("svc_Order", "C-1\", \"discount\": 100, \"x\": \"", Map.of());

        assertThat(request().getBodyAsString())
                .isEqualTo("{\"customer\":\"C-1\\\", \\\"discount\\\": 100, \\\"x\\\": \\\"\",\"discount\":0}");
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void finding_2_naively_a_post_is_sent_again_behind_our_back(int status) throws Exception {
        GATEWAY.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(status).withHeader("Retry-After", "1")));

        naive.with("post").send("post", "{}", Map.of(), Map.of());

        assertThat(GATEWAY.getAllServeEvents()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void finding_2_a_post_is_sent_once(int status) {
        GATEWAY.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(status).withHeader("Retry-After", "1")));

        assertThat(send("svc_Order", "C-1", Map.of()).getException()).hasMessageContaining("answered " + status);

        assertThat(GATEWAY.getAllServeEvents()).hasSize(1);
    }

    @Test
    void finding_3_naively_headers_of_one_answer_and_of_the_process_go_to_the_next_system() throws Exception {
        firstAnswersWithHeaders();

        naive.with("two-calls").send("two-calls", null, Map.of("businessKey", "B-1"), Map.of());

        assertThat(request().getUrl()).isEqualTo("/second");
        assertThat(request().getHeader("Authorization")).isEqualTo("Bearer of-the-first");
        assertThat(request().getHeader("Set-Cookie")).isEqualTo("session=1");
        assertThat(request().getHeader("X-Internal")).isEqualTo("1");
        assertThat(request().getHeader("businessKey")).isEqualTo("B-1");
    }

    @Test
    void finding_3_nothing_but_the_body_goes_from_one_system_to_the_next() {
        firstAnswersWithHeaders();

        Exchange exchange = send("svc_TwoCalls", "C-1", Map.of("businessKey", "B-1", "Authorization", "Bearer stolen"));

        assertThat(request().getUrl()).isEqualTo("/second");
        assertThat(request().getBodyAsString()).isEqualTo("{\"a\":1}");
        assertThat(request().getAllHeaderKeys().stream()
                        .map(String::toLowerCase)
                        .toList())
                .isSubsetOf(
                        "accept",
                        "accept-encoding",
                        "connection",
                        "content-length",
                        "content-type",
                        "host",
                        "idempotency-key",
                        "user-agent");
        assertThat(exchange.getMessage().getHeaders()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void finding_4_naively_each_call_asks_for_a_token_of_its_own(boolean cache) throws Exception {
        GATEWAY.stubFor(
                any(urlEqualTo("/token")).willReturn(okJson("{\"access_token\": \"t\", \"expires_in\": 3600}")));
        naive.close();
        naive = new NaiveCamel(Map.of("gateway", GATEWAY.baseUrl(), "cache", String.valueOf(cache)));
        naive.with("token-per-call");

        for (int task = 0; task < 5; task++) {
            naive.send("token-per-call", "{}", Map.of(), Map.of("id", "task-" + task));
        }

        assertThat(GATEWAY.findAll(postRequestedFor(urlEqualTo("/token")))).hasSize(5);
    }

    @Test
    void finding_4_calls_of_the_dispatcher_leave_no_way_to_the_http_clients_tokens() {
        for (int task = 0; task < 5; task++) {
            send("svc_Order", "C-" + task, Map.of());
        }

        assertThat(GATEWAY.getAllServeEvents())
                .hasSize(5)
                .allSatisfy(event -> assertThat(event.getRequest().getUrl()).isEqualTo("/orders"));
        assertThatThrownBy(() ->
                        etd.getEndpoint("gateway:default?path=/x&oauth2ClientId=etd&oauth2TokenEndpoint=http://x"))
                .hasMessageContaining("Unknown parameters");
    }

    private static void firstAnswersWithHeaders() {
        GATEWAY.stubFor(any(urlEqualTo("/first"))
                .willReturn(okJson("{\"a\": 1}")
                        .withHeader("Authorization", "Bearer of-the-first")
                        .withHeader("Set-Cookie", "session=1")
                        .withHeader("CamelHttpUri", ELSEWHERE.url("/stolen"))
                        .withHeader("cAmElHttpPath", "/stolen")
                        .withHeader("X-Internal", "1")));
    }

    /** Runs a topic's route as the dispatcher does, with the value as its variable id. */
    private Exchange send(String topic, String id, Map<String, Object> headers) {
        Exchange exchange = new DefaultExchange(etd);
        exchange.getMessage().setBody(JsonNodeFactory.instance.objectNode().put("id", id));
        exchange.getMessage().setHeaders(new HashMap<>(headers));
        exchange.setVariable("topicName", topic);
        exchange.setVariable("taskId", "task-1");
        return etd.createProducerTemplate().send("external-task:" + topic + "?engine=default", exchange);
    }

    /** The latest request that the gateway got. */
    private static LoggedRequest request() {
        assertThat(GATEWAY.getAllServeEvents()).isNotEmpty();
        return GATEWAY.getAllServeEvents().get(0).getRequest();
    }
}
