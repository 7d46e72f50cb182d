package org.externaltask.dispatcher.http;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Endpoint;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.support.DefaultComponent;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.configuration.Unconfigured;
import org.externaltask.dispatcher.http.HttpPeer.Role;

/**
 * The Camel components {@code engine:<name>} and {@code gateway:<name>}: camel-http that can only reach what is configured. A
 * route says which peer, method and path template; host and credentials come from the configuration alone.
 */
public class HttpPeerComponent extends DefaultComponent {

    // More than the threads that could ever wait for one peer: concurrency is limited by permits, never by the pool.
    private static final int MAX_CONNECTIONS = 200;

    // Apache's client reads as many headers as there are, each as long as it may be.
    private static final Http1Config SHORT_HEAD = Http1Config.custom()
            .setMaxLineLength(64 * 1024)
            .setMaxHeaderCount(500)
            .build();

    private final Role role;
    private final Map<String, HttpPeer> peers;
    private final Map<String, Circuit> circuits;
    private final Map<String, HttpComponent> clients = new ConcurrentHashMap<>();

    private HttpPeerComponent(Role role, Collection<HttpPeer> peers, Map<String, Circuit> circuits) {
        this.role = role;
        this.circuits = circuits;
        this.peers = peers.stream().collect(Collectors.toUnmodifiableMap(HttpPeer::name, Function.identity()));
    }

    static HttpPeerComponent ofEngines(Map<String, EtdProperties.Engine> engines) {
        return new HttpPeerComponent(
                Role.ENGINE,
                engines.entrySet().stream()
                        .map(engine -> HttpPeer.of(engine.getKey(), engine.getValue()))
                        .toList(),
                Map.of());
    }

    static HttpPeerComponent ofGateways(Map<String, EtdProperties.Gateway> gateways, Map<String, Circuit> circuits) {
        return new HttpPeerComponent(
                Role.GATEWAY,
                gateways.entrySet().stream()
                        .map(gateway -> HttpPeer.of(gateway.getKey(), gateway.getValue()))
                        .toList(),
                circuits);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        HttpPeer peer = peers.get(remaining);
        if (peer == null) {
            throw role == Role.ENGINE
                    ? Unconfigured.engine(remaining, peers.keySet())
                    : Unconfigured.gateway(remaining, peers.keySet());
        }
        HttpCall call = HttpCall.of(
                peer,
                option(parameters, "method"),
                option(parameters, "path"),
                option(parameters, "query"),
                option(parameters, "timeout"),
                option(parameters, "idempotent"));
        validateParameters(uri, parameters, null); // here, or else Camel would set camel-http's own options with them
        return new HttpPeerEndpoint(
                uri,
                clients.computeIfAbsent(remaining, name -> client(peer)),
                call,
                Optional.ofNullable(circuits.get(remaining)));
    }

    private String option(Map<String, Object> parameters, String name) {
        return getAndRemoveParameter(parameters, name, String.class);
    }

    // An HttpComponent without a connection manager would open one pool per endpoint, that is per path of a route.
    private HttpComponent client(HttpPeer peer) {
        HttpComponent client = new HttpComponent();
        client.setCamelContext(getCamelContext());
        client.setCookieManagementDisabled(true);
        client.setClientConnectionManager(connections(peer));
        return client;
    }

    private static PoolingHttpClientConnectionManager connections(HttpPeer peer) {
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnTotal(MAX_CONNECTIONS)
                .setMaxConnPerRoute(MAX_CONNECTIONS)
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(SHORT_HEAD)
                        .build())
                .setDefaultSocketConfig(SocketConfig.custom()
                        .setTcpNoDelay(true)
                        .setSoKeepAlive(true)
                        .build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(peer.connectTimeout()))
                        .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                        .build())
                .build();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        for (HttpComponent client : clients.values()) {
            client.getClientConnectionManager().close();
        }
        clients.clear();
    }
}
