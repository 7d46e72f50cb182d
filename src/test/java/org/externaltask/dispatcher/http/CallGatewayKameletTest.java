package org.externaltask.dispatcher.http;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import org.apache.camel.Exchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kamelet call-gateway and the component engine: as YAML uses them. */
class CallGatewayKameletTest {

    @RegisterExtension
    static final WireMockExtension PEER =
            WireMockExtension.newInstance().options(options().dynamicPort()).build();

    private HttpPeerFixture etd;

    @BeforeEach
    void start() {
        PEER.stubFor(any(anyUrl()).willReturn(okJson("{\"name\": \"Bob\"}")));
        etd = new HttpPeerFixture(PEER.baseUrl());
    }

    @AfterEach
    void stop() {
        etd.close();
    }

    @Test
    void every_parameter_reaches_the_call() throws Exception {
        route("""
                - to:
                    uri: kamelet:call-gateway
                    parameters:
                      gateway: default
                      method: GET
                      path: /customers/{customerNumber}/orders/{order.id}
                      query: limit=10&status={status}&fixed=a%20b+c
                      timeout: 1500ms
                      idempotent: true
                """);

        Exchange exchange = run("{\"customerNumber\": \"C 7\", \"order.id\": 1, \"status\": \"a&b\"}");

        assertThat(exchange.getException()).isNull();
        assertThat(request().getUrl()).isEqualTo("/customers/C%207/orders/1?limit=10&status=a%26b&fixed=a%20b+c");
        assertThat(exchange.getMessage().getBody()).hasToString("{\"name\":\"Bob\"}");
        assertThat(call().timeout()).isEqualTo(Duration.ofMillis(1500));
        assertThat(call().idempotent()).isTrue();
    }

    @Test
    void only_the_path_is_needed() throws Exception {
        route("""
                - to:
                    uri: kamelet:call-gateway
                    parameters:
                      path: /orders
                """);

        Exchange exchange = run("{\"amount\": 0.10}");

        assertThat(exchange.getException()).isNull();
        assertThat(request().getMethod().getName()).isEqualTo("POST");
        assertThat(request().getUrl()).isEqualTo("/orders");
        assertThat(request().getBodyAsString()).isEqualTo("{\"amount\":0.10}");
        assertThat(request().getHeader("Idempotency-Key")).isEqualTo("task-1");
        assertThat(call().timeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(call().idempotent()).isFalse();
    }

    @Test
    void the_tenant_of_each_task_goes_along_in_the_header_that_the_route_names() throws Exception {
        tenantRoute("X-Tenant-Id");

        assertThat(runFor("acme").getException()).isNull();
        assertThat(request().getHeader("X-Tenant-Id")).isEqualTo("acme");
        assertThat(runFor("globex").getException()).isNull();
        assertThat(request().getHeader("X-Tenant-Id")).isEqualTo("globex");
        assertThat(runFor(null).getException()).isNull();
        assertThat(request().containsHeader("X-Tenant-Id")).isFalse();
    }

    @Test
    void a_gateway_is_not_told_the_tenant_unless_the_route_says_so() throws Exception {
        tenantRoute(null);

        assertThat(runFor("acme").getException()).isNull();
        assertThat(request().getHeaders().all())
                .allSatisfy(header -> assertThat(header.values()).doesNotContain("acme"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Admin: true", "a\nb", "\u00e4", " acme", "acme ", "a\u0000"})
    void a_tenant_that_does_not_fit_into_a_header_fails_the_task_and_nothing_is_sent(String tenant) throws Exception {
        tenantRoute("X-Tenant-Id");

        assertThat(runFor(tenant).getException())
                .isInstanceOf(UnusableRequest.class)
                .hasMessageContaining("the id of the task's tenant does not fit into a header")
                .hasMessageNotContaining(tenant);
        assertThat(PEER.getAllServeEvents()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host", "authorization", "Content-Length", "Idempotency-Key"})
    void a_tenant_header_that_is_not_the_gateway_s_own_does_not_start(String header) {
        assertThatThrownBy(() -> tenantRoute(header)).hasStackTraceContaining("option tenantHeader=" + header);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a/{x}",
                "/{x}",
                "/{x}/{x}",
                "/a%2Fb/{x}",
                "/a+b;v=1/{x}",
                "/a:b@c/{x}",
                "/~me/{x}",
                "/(a)/{x}",
                "/a,b'c/$count/{x}",
            })
    void a_path_survives_the_kamelet_and_a_dynamic_endpoint_unchanged(String path) throws Exception {
        String sent = path.replace("{x}", "v%2F");
        route("""
                - to:
                    uri: kamelet:call-gateway
                    parameters:
                      method: GET
                      path: "%s"
                - to:
                    uri: gateway:default
                    parameters:
                      method: GET
                      path: "%s"
                - toD:
                    uri: "engine:${variable.engine}"
                    parameters:
                      method: GET
                      path: "%s"
                """.formatted(path, path, path));
        Exchange exchange = etd.exchange("{}");
        exchange.setVariable("x", "v/");
        exchange.setVariable("engine", "default");

        etd.send("direct:topic", exchange);

        assertThat(exchange.getException()).isNull();
        assertThat(PEER.getAllServeEvents())
                .hasSize(3)
                .allSatisfy(event -> assertThat(event.getRequest().getUrl()).isEqualTo(sent));
    }

    @Test
    void an_engine_is_called_by_name_without_growing_endpoints() throws Exception {
        route("""
                - toD:
                    uri: "engine:${variable.engine}"
                    parameters:
                      method: POST
                      path: /external-task/{taskId}/complete
                """);
        for (int i = 0; i < 20; i++) {
            Exchange exchange = etd.exchange("{}");
            exchange.setVariable("engine", "default");
            exchange.setVariable("taskId", "task-" + i);
            etd.send("direct:topic", exchange);
            assertThat(request().getUrl()).isEqualTo("/external-task/task-" + i + "/complete");
        }

        assertThat(etd.camel.getEndpoints().stream().filter(HttpPeerEndpoint.class::isInstance))
                .hasSize(1);
    }

    @Test
    void values_of_a_task_are_never_resolved_as_placeholders() throws Exception {
        Properties secrets = new Properties();
        secrets.setProperty("secret", "TOPSECRET");
        etd.camel.getPropertiesComponent().setInitialProperties(secrets);
        route("""
                - to:
                    uri: kamelet:call-gateway
                    parameters:
                      method: GET
                      path: /customers/{id}
                """);

        Exchange exchange = run("{\"id\": \"{{secret}}\"}");

        assertThat(exchange.getException()).isNull();
        assertThat(request().getUrl()).isEqualTo("/customers/%7B%7Bsecret%7D%7D");
    }

    @Test
    void a_kamelet_without_path_does_not_start() {
        assertThatThrownBy(() -> route("""
                - to:
                    uri: kamelet:call-gateway
                """)).hasStackTraceContaining("path");
    }

    @Test
    void a_kamelet_with_an_unknown_gateway_does_not_start() {
        assertThatThrownBy(() -> route("""
                - to:
                    uri: kamelet:call-gateway
                    parameters:
                      gateway: crm
                      path: /x
                """)).hasStackTraceContaining("set etd.gateways.crm.base-url");
    }

    @Test
    void a_failure_leaves_the_kamelet_as_it_is() throws Exception {
        PEER.stubFor(any(anyUrl()).willReturn(okJson("{}").withStatus(404)));
        route("""
                - to:
                    uri: kamelet:call-gateway
                    parameters:
                      method: GET
                      path: /customers/{id}
                """);

        Exchange exchange = run("{\"id\": 7}");

        assertThat(exchange.getException())
                .isInstanceOf(HttpCallFailed.class)
                .hasMessage("GET /customers/{id} on gateway default answered 404");
    }

    private void tenantRoute(String header) throws Exception {
        route("""
                - to:
                    uri: kamelet:call-gateway
                    parameters:
                      method: GET
                      path: /orders
                """ + (header == null ? "" : "      tenantHeader: " + header + "\n"));
    }

    private Exchange runFor(String tenant) {
        Exchange exchange = etd.exchange("{}");
        exchange.setVariable("tenantId", tenant);
        return etd.send("direct:topic", exchange);
    }

    /** Loads a route from direct:topic with these steps. */
    private void route(String steps) throws Exception {
        String yaml = """
                - route:
                    id: topic
                    from:
                      uri: direct:topic
                      steps:
                """ + steps.indent(10);
        PluginHelper.getRoutesLoader(etd.camel).loadRoutes(ResourceHelper.fromString("topic.camel.yaml", yaml));
    }

    private Exchange run(String json) throws Exception {
        return etd.send("direct:topic", JsonBody.parse(json.getBytes(StandardCharsets.UTF_8)));
    }

    private HttpCall call() {
        return etd.camel.getEndpoints().stream()
                .filter(HttpPeerEndpoint.class::isInstance)
                .map(endpoint -> ((HttpPeerEndpoint) endpoint).call())
                .findFirst()
                .orElseThrow();
    }

    private static LoggedRequest request() {
        return PEER.getAllServeEvents().get(0).getRequest();
    }
}
