package org.externaltask.dispatcher.http;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Endpoint;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.support.DefaultComponent;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.configuration.Unconfigured;
import org.externaltask.dispatcher.http.HttpPeer.Role;

/**
 * The Camel components {@code engine:<name>} and {@code gateway:<name>}: camel-http that can only reach what is configured. A
 * route says which peer, method and path template; host and credentials come from the configuration alone. {@code engine:*} is the
 * engine that the exchange variable {@code engine} names.
 */
public class HttpPeerComponent extends DefaultComponent {

    private static final String THAT_OF_THE_EXCHANGE = "*";

    private final Role role;
    private final Map<String, HttpPeer> peers;
    private final Map<String, Circuit> circuits;
    private final GatewayMeters meters;
    private final Map<String, HttpComponent> clients = new ConcurrentHashMap<>();

    HttpPeerComponent(Role role, Collection<HttpPeer> peers, Map<String, Circuit> circuits, GatewayMeters meters) {
        this.role = role;
        this.circuits = circuits;
        this.meters = meters;
        this.peers = peers.stream().collect(Collectors.toUnmodifiableMap(HttpPeer::name, Function.identity()));
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        if (role == Role.ENGINE && remaining.equals(THAT_OF_THE_EXCHANGE)) {
            Map<String, Endpoint> engines = new HashMap<>();
            for (String name : peers.keySet()) {
                engines.put(name, createEndpoint("engine:" + name, name, new HashMap<>(parameters)));
            }
            parameters.clear();
            return new EngineOfExchangeEndpoint(uri, this, engines);
        }
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
                option(parameters, "idempotent"),
                role == Role.GATEWAY ? option(parameters, "tenantHeader") : null,
                option(parameters, "answer"),
                option(parameters, "maxBytes"));
        validateParameters(uri, parameters, null); // here, or else Camel would set camel-http's own options with them
        return new HttpPeerEndpoint(
                uri,
                clients.computeIfAbsent(remaining, name -> client(peer)),
                call,
                Optional.ofNullable(circuits.get(remaining)),
                meters);
    }

    private String option(Map<String, Object> parameters, String name) {
        return getAndRemoveParameter(parameters, name, String.class);
    }

    // An HttpComponent without a connection manager would open one pool per endpoint, that is per path of a route.
    private HttpComponent client(HttpPeer peer) {
        HttpComponent client = new HttpComponent();
        client.setCamelContext(getCamelContext());
        client.setCookieManagementDisabled(true);
        client.setClientConnectionManager(Connections.to(peer.tls(), peer.egress(), peer.connectTimeout()));
        return client;
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
