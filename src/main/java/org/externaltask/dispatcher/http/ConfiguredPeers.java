package org.externaltask.dispatcher.http;

import java.util.List;
import java.util.stream.Stream;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.boot.ssl.SslBundles;

/** The engines and gateways of the configuration, with what ETD shows them. */
public final class ConfiguredPeers {

    private final List<HttpPeer> engines;
    private final List<HttpPeer> gateways;

    private ConfiguredPeers(List<HttpPeer> engines, List<HttpPeer> gateways) {
        this.engines = engines;
        this.gateways = gateways;
    }

    static ConfiguredPeers of(EtdProperties etd, SslBundles bundles) {
        Egress egress = Egress.to(etd.egress().allowedHosts());
        return new ConfiguredPeers(
                etd.engines().entrySet().stream()
                        .map(engine -> HttpPeer.of(engine.getKey(), engine.getValue(), bundles, egress))
                        .toList(),
                etd.gateways().entrySet().stream()
                        .map(gateway -> HttpPeer.of(gateway.getKey(), gateway.getValue(), bundles, egress))
                        .toList());
    }

    List<HttpPeer> engines() {
        return engines;
    }

    List<HttpPeer> gateways() {
        return gateways;
    }

    /** What must not be shown to anybody, as of now: passwords, keys, client secrets, and the latest tokens. */
    public Stream<String> secrets() {
        return Stream.concat(engines.stream(), gateways.stream())
                .flatMap(peer -> peer.credentials().secrets());
    }
}
