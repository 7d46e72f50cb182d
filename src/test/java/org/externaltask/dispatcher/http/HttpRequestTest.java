package org.externaltask.dispatcher.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.serverError;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.io.ByteArrayInputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.externaltask.dispatcher.configuration.EtdProperties.ApiKey;
import org.externaltask.dispatcher.configuration.EtdProperties.Authentication;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the wire to a peer, and what does not. */
class HttpRequestTest {

    private static final Set<String> OF_THE_PROTOCOL =
            Set.of("host", "connection", "user-agent", "accept-encoding", "content-length");

    @RegisterExtension
    static final WireMockExtension PEER =
            WireMockExtension.newInstance().options(options().dynamicPort()).build();

    private HttpPeerFixture etd;

    @BeforeEach
    void start() {
        PEER.stubFor(any(anyUrl()).willReturn(okJson("{}")));
        etd = new HttpPeerFixture(PEER.baseUrl() + "/v1/");
    }

    @AfterEach
    void stop() {
        etd.close();
    }

    @Test
    void a_call_can_go_to_the_engine_that_a_variable_names_and_never_so_to_a_gateway() throws Exception {
        Exchange task = etd.exchange(json("{}"));
        task.setVariable("engine", "default");
        etd.send("engine:*?method=POST&path=/external-task/{taskId}/complete", task);
        assertThat(task.getException()).isNull();
        PEER.verify(1, postRequestedFor(urlEqualTo("/v1/external-task/task-1/complete")));

        etd.send("engine:*?method=POST&path=RAW(/external-task/{taskId}/unlock)", task); // as routes in YAML have it
        PEER.verify(1, postRequestedFor(urlEqualTo("/v1/external-task/task-1/unlock")));

        task.setVariable("engine", "other");
        etd.send("engine:*?method=POST&path=/external-task/{taskId}/complete", task);
        assertThat(task.getException())
                .hasMessageContaining("there is no engine named 'other' (configured: default): set etd.engines.other");

        assertThat(etd.send("engine:*?path=/message", json("{}")).getException())
                .hasMessageContaining("no engine is named");
        assertThatThrownBy(() -> etd.send("gateway:*?path=/customers", json("{}")))
                .hasStackTraceContaining("there is no gateway named '*'");
        PEER.verify(2, anyRequestedFor(anyUrl()));
    }

    @Test
    @Timeout(10)
    void a_call_that_a_route_repeats_is_repeated_as_often_as_it_says() throws Exception {
        PEER.stubFor(any(anyUrl()).willReturn(serverError()));
        etd.camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                onException(HttpCallFailed.class).maximumRedeliveries(2).redeliveryDelay(20);
                from("direct:call").to("engine:default?method=POST&path=/message");
            }
        });

        HttpCallFailed failure = etd.failure("direct:call", json("{}"), HttpCallFailed.class);

        assertThat(failure.status()).isEqualTo(500);
        PEER.verify(3, anyRequestedFor(anyUrl()));
    }

    @Test
    void the_path_is_filled_from_the_body_and_then_from_variables() throws Exception {
        Exchange exchange = etd.exchange(json("{\"customer\": \"C 7\", \"year\": 2026}"));
        exchange.setVariable("customer", "of the variable");
        exchange.setVariable("businessKey", "B/1");

        etd.send(
                "gateway:default?method=GET&path=/customers/{customer}/{businessKey}&query=RAW(y={year}&limit=10)",
                exchange);

        assertThat(exchange.getException()).isNull();
        assertThat(request().getUrl()).isEqualTo("/v1/customers/C%207/B%2F1?y=2026&limit=10");
        assertThat(request().getMethod().getName()).isEqualTo("GET");
        assertThat(request().getBody()).isEmpty();
    }

    @Test
    void an_engine_path_is_never_filled_from_the_body() throws Exception {
        Exchange exchange = etd.exchange(json("{\"taskId\": \"task-of-somebody-else\"}"));

        etd.send("engine:default?method=POST&path=/external-task/{taskId}/complete", exchange);

        assertThat(request().getUrl()).isEqualTo("/v1/external-task/task-1/complete");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{secret}}",
                "{{env:HOME}}",
                "${env.X}",
                "RAW(x)",
                "?httpMethod=DELETE",
                "&httpMethod=DELETE",
                "%2e%2e/",
                "@host/",
                "//evil.example/",
                "a\r\nX-Evil: 1",
                "😀"
            })
    void a_hostile_value_arrives_as_it_is(String value) throws Exception {
        Properties secrets = new Properties();
        secrets.setProperty("secret", "TOPSECRET");
        etd.camel.getPropertiesComponent().setInitialProperties(secrets);
        JsonNode body = JsonBody.parse(new ObjectMapper().writeValueAsBytes(Map.of("id", value)));

        etd.send("gateway:default?method=GET&path=/customers/{id}&query=q={id}", body);

        String encoded = request().getUrl().substring("/v1/customers/".length());
        assertThat(encoded.substring(0, encoded.indexOf('?'))).doesNotContain("/", "\r", "\n");
        assertThat(List.of(encoded.split("\\?q=")))
                .allSatisfy(part -> assertThat(URLDecoder.decode(part, StandardCharsets.UTF_8))
                        .isEqualTo(value));
        assertThat(request().getMethod().getName()).isEqualTo("GET");
        assertThat(request().containsHeader("X-Evil")).isFalse();
    }

    @Test
    void a_missing_variable_names_topic_path_and_what_to_do() throws Exception {
        assertThat(etd.failure(
                        "gateway:default?method=GET&path=/customers/{customerNumber}",
                        json("{}"),
                        UnusableRequest.class))
                .hasMessage(
                        "svc_Example: GET /customers/{customerNumber} on gateway default cannot be made: customerNumber is missing;"
                                + " see that the process has it, and that `variables` of the topic and the jq mapping before the"
                                + " call hand it on");
        assertThat(PEER.getAllServeEvents()).isEmpty();
    }

    @Test
    void a_value_that_would_climb_out_of_the_path_is_refused_without_quoting_it() throws Exception {
        assertThat(etd.failure(
                        "gateway:default?method=GET&path=/customers/{id}",
                        json("{\"id\": \"../admin\"}"),
                        UnusableRequest.class))
                .hasMessage("svc_Example: GET /customers/{id} on gateway default cannot be made:"
                        + " id holds . or .. as a path segment");
        assertThat(PEER.getAllServeEvents()).isEmpty();
    }

    @Test
    void a_null_in_the_body_is_not_replaced_by_a_variable_of_the_same_name() throws Exception {
        Exchange exchange = etd.exchange(json("{\"businessKey\": null}"));
        exchange.setVariable("businessKey", "B-1");

        etd.send("gateway:default?method=GET&path=/orders/{businessKey}", exchange);

        assertThat(exchange.getException())
                .isInstanceOf(UnusableRequest.class)
                .hasMessageContaining("businessKey is null");
    }

    @Test
    void only_an_allow_list_of_headers_is_sent() throws Exception {
        Exchange exchange = etd.exchange(json("{\"a\": 1}"));
        exchange.getMessage()
                .setHeaders(new TreeMap<>(Map.of(
                        "cAmElHttpUri", "http://evil.example/",
                        "CamelHttpPath", "/admin",
                        "CamelHttpQuery", "admin=true",
                        "CamelHttpMethod", "DELETE",
                        "CamelRestHttpUri", "http://evil.example/",
                        "businessKey", "B-1",
                        "Authorization", "Bearer stolen",
                        "Content-Type", "text/evil",
                        "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                        "tracestate", "vendor=1")));

        etd.send("gateway:default?path=/orders", exchange);

        assertThat(exchange.getException()).isNull();
        assertThat(headers(request()))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "accept", "application/json",
                        "content-type", "application/json",
                        "idempotency-key", "task-1",
                        "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                        "tracestate", "vendor=1"));
        assertThat(request().getUrl()).isEqualTo("/v1/orders");
        assertThat(request().getMethod().getName()).isEqualTo("POST");
    }

    @Test
    void each_change_of_a_task_has_a_key_of_its_own_and_the_same_one_in_every_try() throws Exception {
        etd.camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:changes")
                        .routeId("changes")
                        .to("gateway:default?method=GET&path=/a")
                        .to("gateway:default?method=HEAD&path=/a")
                        .to("gateway:default?path=/a/{customer}")
                        .to("gateway:default?path=/b/{customer}")
                        .to("gateway:default?path=/b/{customer}")
                        .split(constant(List.of(1, 2)))
                        .to("gateway:default?method=PUT&path=/c/{customer}");
            }
        });

        List<String> first = keysOfOneTry("C-1");

        assertThat(first).hasSize(5).doesNotHaveDuplicates();
        assertThat(first.get(0)).isEqualTo("task-1");
        assertThat(first.subList(1, 5)).allMatch(key -> key.matches("task-1:[2-5]-[0-9a-f]{8}"));
        assertThat(keysOfOneTry("C-1")).isEqualTo(first);
        assertThat(keysOfOneTry("C-2").subList(1, 5)).doesNotContainAnyElementsOf(first);
    }

    private List<String> keysOfOneTry(String customer) {
        PEER.resetRequests();
        Exchange exchange = etd.exchange(null);
        exchange.setVariable("customer", customer);
        etd.send("direct:changes", exchange);
        assertThat(exchange.getException()).isNull();
        return PEER.getAllServeEvents().stream()
                .map(event -> event.getRequest())
                .filter(request ->
                        !Set.of("GET", "HEAD").contains(request.getMethod().getName()))
                .map(request -> request.getHeader("Idempotency-Key"))
                .sorted()
                .toList();
    }

    @Test
    void an_engine_gets_no_idempotency_key_and_a_forged_trace_is_dropped() {
        Exchange exchange = etd.exchange(null);
        exchange.getMessage().setHeader("traceparent", "anything\r\nX-Evil: 1");

        etd.send("engine:default?method=GET&path=/version", exchange);

        assertThat(headers(request())).containsExactlyEntriesOf(Map.of("accept", "application/json"));
    }

    @Test
    void no_header_of_the_answer_reaches_the_exchange() throws Exception {
        PEER.stubFor(any(anyUrl())
                .willReturn(okJson("{\"name\": \"Bob\"}")
                        .withHeader("Authorization", "Bearer of-the-gateway")
                        .withHeader("Set-Cookie", "session=1")
                        .withHeader("CamelHttpUri", "http://evil.example/")
                        .withHeader("cAmElHttpPath", "/admin")
                        .withHeader("X-Anything", "1")));

        Exchange first = etd.send("gateway:default?method=GET&path=/a", json("{}"));
        Exchange second = etd.send("gateway:default?method=GET&path=/b", first);

        assertThat(second.getException()).isNull();
        assertThat(second.getMessage().getHeaders()).isEmpty();
        assertThat(second.getProperties()).containsOnlyKeys(HttpCallFailed.STATUS);
        assertThat(headers(request())).containsOnlyKeys("accept", "idempotency-key");
        assertThat(request().getUrl()).isEqualTo("/v1/b");
    }

    @ParameterizedTest
    @CsvSource({"POST,true", "PUT,true", "PATCH,true", "GET,false", "HEAD,false", "DELETE,false"})
    void only_post_put_and_patch_send_the_body(String method, boolean sends) throws Exception {
        Exchange exchange = etd.send("gateway:default?path=/x&method=" + method, json("{\"price\": 0.10}"));

        assertThat(exchange.getException()).isNull();
        assertThat(request().getBodyAsString()).isEqualTo(sends ? "{\"price\":0.10}" : "");
        assertThat(request().containsHeader("Content-Type")).isEqualTo(sends);
    }

    @Test
    void numbers_keep_every_digit_on_the_way_out() throws Exception {
        String numbers =
                "{\"long\":9007199254740993,\"decimal\":12345678901234567890123456789012345.678,\"cents\":0.10}";

        etd.send("gateway:default?path=/x", json(numbers));

        assertThat(request().getBodyAsString()).isEqualTo(numbers);
    }

    @Test
    void maps_text_and_streams_of_json_are_sent_as_json() {
        etd.send("gateway:default?path=/x", Map.of("ä", List.of(1, true)));
        assertThat(request().getBodyAsString()).isEqualTo("{\"ä\":[1,true]}");

        etd.send("gateway:default?path=/x", " {\"ä\": \"Zoë\"} ");
        assertThat(request().getBodyAsString()).isEqualTo("{\"ä\":\"Zoë\"}");

        etd.send("gateway:default?path=/x", new ByteArrayInputStream("[1]".getBytes(StandardCharsets.UTF_8)));
        assertThat(request().getBodyAsString()).isEqualTo("[1]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void no_body_is_sent_as_no_body(String body) {
        etd.send("gateway:default?path=/x", body);
        assertThat(request().getBody()).isEmpty();
        assertThat(request().containsHeader("Content-Type")).isFalse();

        etd.send("gateway:default?path=/x", (Object) null);
        assertThat(request().getBody()).isEmpty();
    }

    @Test
    void a_body_that_is_not_json_is_refused_without_quoting_it() {
        assertThat(etd.failure("gateway:default?path=/x", "name=Bob&pin=1234", UnusableRequest.class))
                .hasMessage("svc_Example: POST /x on gateway default got a body that is not JSON:"
                        + " make it a JSON object with a jq mapping before the call");
        assertThat(etd.failure("gateway:default?path=/x", new Object(), UnusableRequest.class))
                .hasMessageContaining("got a body that is a Object");
    }

    /** The OAuth2 client credentials have OAuth2Test, certificates TlsTest. */
    @ParameterizedTest
    @CsvSource({
        "engine,  none,    Authorization,",
        "gateway, none,    Authorization,",
        "engine,  basic,   Authorization, Basic ZXRkOnMzY3IzdA==",
        "gateway, basic,   Authorization, Basic ZXRkOnMzY3IzdA==",
        "engine,  bearer,  Authorization, Bearer s3cr3t",
        "gateway, bearer,  Authorization, Bearer s3cr3t",
        "engine,  api-key, X-API-Key,     s3cr3t",
        "gateway, api-key, X-API-Key,     s3cr3t"
    })
    void each_kind_of_credentials_is_sent_to_engines_and_gateways_alike(
            String role, String kind, String header, String value) {
        Authentication authentication =
                switch (kind) {
                    case "basic" -> new Authentication("etd", "s3cr3t", null, null, null);
                    case "bearer" -> new Authentication(null, null, "s3cr3t", null, null);
                    case "api-key" -> new Authentication(null, null, null, new ApiKey("X-API-Key", "s3cr3t"), null);
                    default -> HttpPeerFixture.NOBODY;
                };
        try (HttpPeerFixture peers = new HttpPeerFixture(PEER.baseUrl(), authentication)) {
            peers.send(role + ":default?method=GET&path=/x", (Object) null);

            assertThat(request().containsHeader(header)).isEqualTo(value != null);
            assertThat(request().getHeader(header)).isEqualTo(value);
        }
    }

    @Test
    void basic_authentication_is_sent_at_once() {
        try (HttpPeerFixture basic =
                new HttpPeerFixture(PEER.baseUrl(), new Authentication("etd", "pä:ss&w=RAW(1)", null, null, null))) {
            basic.send("engine:default?method=GET&path=/version", (Object) null);

            assertThat(request().getHeader("Authorization")).isEqualTo("Basic ZXRkOnDDpDpzcyZ3PVJBVygxKQ==");
            assertThat(PEER.getAllServeEvents()).hasSize(1);
        }
    }

    @Test
    void an_api_key_is_sent_in_its_header_and_shown_to_nobody() {
        Authentication authentication = new Authentication(null, null, null, new ApiKey("X-API-Key", "s3cr3t"), null);
        try (HttpPeerFixture key = new HttpPeerFixture(PEER.baseUrl(), authentication)) {
            key.send("gateway:default?method=GET&path=/x", (Object) null);

            assertThat(request().getHeader("X-API-Key")).isEqualTo("s3cr3t");
            assertThat(request().containsHeader("Authorization")).isFalse();
            assertThat(authentication).hasToString("API key in X-API-Key");
            assertThat(authentication.apiKey()).hasToString("API key in X-API-Key");
        }
    }

    @Test
    void a_bearer_token_is_sent_and_appears_nowhere_else() {
        Authentication token = new Authentication(null, null, "s3cr3t", null, null);
        try (HttpPeerFixture bearer = new HttpPeerFixture(PEER.baseUrl(), token)) {
            PEER.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(401).withHeader("WWW-Authenticate", "Basic")));

            Exchange exchange = bearer.send("gateway:default?method=GET&path=/x", (Object) null);

            assertThat(request().getHeader("Authorization")).isEqualTo("Bearer s3cr3t");
            assertThat(PEER.getAllServeEvents()).hasSize(1);
            assertThat(exchange.getException())
                    .isInstanceOf(HttpCallFailed.class)
                    .message()
                    .doesNotContain("s3cr3t");
            assertThat(bearer.camel.getEndpoints()).allSatisfy(endpoint -> assertThat(endpoint.getEndpointUri())
                    .doesNotContain("s3cr3t"));
            assertThat(HttpPeer.of(
                            "default",
                            HttpPeerFixture.gateway(PEER.baseUrl(), token),
                            HttpPeerFixture.NO_BUNDLES,
                            HttpPeerFixture.ANYWHERE))
                    .hasToString("gateway default");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gateway:crm?path=/x|there is no gateway named 'crm' (configured: default): set etd.gateways.crm.base-url or correct the name",
                "engine:b?path=/x|there is no engine named 'b' (configured: default): set etd.engines.b.base-url or correct the name",
                "gateway:default|option path is missing",
                "gateway:default?path=x|option path=x: must start with one /",
                "gateway:default?path=/x&method=TRACE|option method=TRACE: must be one of GET, HEAD, POST, PUT, PATCH, DELETE",
                "gateway:default?path=/x&method=get|option method=get: must be one of",
                "gateway:default?path=/x&timeout=5|option timeout=5: must be a duration above zero with its unit",
                "gateway:default?path=/x&timeout=0s|option timeout=0s: must be a duration above zero with its unit",
                "gateway:default?path=/x&idempotent=yes|option idempotent=yes: must be true or false",
                "gateway:default?path=/x&metod=GET|Unknown parameters=[{metod=GET}]",
                "gateway:default?path=/x&throwExceptionOnFailure=false|Unknown parameters",
            })
    void a_wrong_option_is_an_error_before_the_first_call(String uri, String message) {
        assertThatThrownBy(() -> etd.camel.getEndpoint(uri)).hasMessageContaining(message);
    }

    @Test
    void all_paths_of_a_peer_share_its_connections() {
        for (int i = 0; i < 20; i++) {
            etd.send("gateway:default?method=GET&path=/p" + i, (Object) null);
        }

        assertThat(etd.camel.getEndpoints().stream()
                        .filter(HttpPeerEndpoint.class::isInstance)
                        .map(endpoint -> ((HttpPeerEndpoint) endpoint).getClientConnectionManager())
                        .distinct())
                .hasSize(1);
        assertThat(etd.camel.getEndpoints().stream()
                        .filter(HttpPeerEndpoint.class::isInstance)
                        .map(endpoint -> ((HttpPeerEndpoint) endpoint).getClientConnectionsPoolStatsAvailable())
                        .findFirst())
                .contains(1);
    }

    private static JsonNode json(String json) throws Exception {
        return JsonBody.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    /** The latest request. */
    private static LoggedRequest request() {
        return PEER.getAllServeEvents().get(0).getRequest();
    }

    private static Map<String, String> headers(LoggedRequest request) {
        return request.getHeaders().all().stream()
                .filter(header -> !OF_THE_PROTOCOL.contains(header.key().toLowerCase(Locale.ROOT)))
                .collect(Collectors.toMap(
                        header -> header.key().toLowerCase(Locale.ROOT), header -> header.firstValue()));
    }
}
