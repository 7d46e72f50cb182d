package org.externaltask.dispatcher.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.configuration.EtdProperties.Authentication;
import org.externaltask.dispatcher.configuration.EtdProperties.Engine;
import org.externaltask.dispatcher.configuration.EtdProperties.Gateway;
import org.externaltask.dispatcher.configuration.EtdProperties.JsonFormat;
import org.externaltask.dispatcher.gateway.KameletsWithTimeout;
import org.externaltask.dispatcher.http.HttpPeer.Role;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundles;

/** A CamelContext with one engine and one gateway, both called default, without Spring. */
class HttpPeerFixture implements AutoCloseable {

    static final Authentication NOBODY = new Authentication(null, null, null, null, null);
    static final SslBundles NO_BUNDLES = new DefaultSslBundleRegistry();
    static final Egress ANYWHERE = Egress.to(List.of());
    static final int MAX_BYTES = 100_000;

    final CamelContext camel = new DefaultCamelContext();
    private final ProducerTemplate producer;

    final MeterRegistry registry = new SimpleMeterRegistry();

    HttpPeerFixture(String baseUrl) {
        this(baseUrl, NOBODY);
    }

    HttpPeerFixture(String baseUrl, Authentication authentication) {
        this(baseUrl, authentication, Map.of());
    }

    /** @param circuits the circuits of gateways, by name; a gateway without one is always called */
    HttpPeerFixture(String baseUrl, Authentication authentication, Map<String, Circuit> circuits) {
        this(baseUrl, authentication, circuits, ANYWHERE);
    }

    HttpPeerFixture(String baseUrl, Authentication authentication, Map<String, Circuit> circuits, Egress egress) {
        GatewayMeters meters = new GatewayMeters(registry);
        camel.getRegistry().bind("literalParameters", new LiteralParameters());
        camel.addComponent("kamelet", new KameletsWithTimeout());
        camel.addComponent(
                "gateway",
                new HttpPeerComponent(
                        Role.GATEWAY,
                        List.of(HttpPeer.of("default", gateway(baseUrl, authentication), NO_BUNDLES, egress)),
                        circuits,
                        meters));
        camel.addComponent(
                "engine",
                new HttpPeerComponent(
                        Role.ENGINE,
                        List.of(HttpPeer.of("default", engine(baseUrl, authentication), NO_BUNDLES, egress)),
                        Map.of(),
                        meters));
        camel.start();
        producer = camel.createProducerTemplate();
    }

    static Gateway gateway(String baseUrl, Authentication authentication) {
        return new Gateway(
                URI.create(baseUrl),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                MAX_BYTES,
                authentication,
                null,
                null);
    }

    static Engine engine(String baseUrl, Authentication authentication) {
        return new Engine(
                URI.create(baseUrl),
                "worker",
                10,
                Duration.ofSeconds(20),
                true,
                null,
                JsonFormat.JSON,
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                MAX_BYTES,
                authentication,
                null);
    }

    Exchange exchange(Object body) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage().setBody(body);
        exchange.setVariable("topicName", "svc_Example");
        exchange.setVariable("taskId", "task-1");
        return exchange;
    }

    /** Sends and gives the same exchange back; what failed is in it. */
    Exchange send(String uri, Exchange exchange) {
        Endpoint endpoint = camel.getEndpoint(uri);
        return producer.send(endpoint, exchange);
    }

    Exchange send(String uri, Object body) {
        return send(uri, exchange(body));
    }

    <T extends Exception> T failure(String uri, Object body, Class<T> type) {
        return type.cast(send(uri, body).getException());
    }

    @Override
    public void close() {
        camel.stop();
    }
}
