package org.externaltask.dispatcher.http;

import static org.springframework.beans.factory.config.ConfigurableBeanFactory.SCOPE_PROTOTYPE;

import java.util.Map;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.http.HttpPeer.Role;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;

/**
 * Makes the Camel components {@code engine:} and {@code gateway:} out of the configuration; the name of the bean is the
 * scheme. Each CamelContext gets its own, so that a scratch context that validates routes cannot close the connections of the
 * real one. Tokens and certificates belong to all of them.
 */
@Configuration(proxyBeanMethods = false)
class HttpPeers {

    @Bean
    ConfiguredPeers configuredPeers(EtdProperties etd, ObjectProvider<SslBundles> bundles) {
        return ConfiguredPeers.of(etd, bundles.getIfAvailable(DefaultSslBundleRegistry::new));
    }

    @Bean
    @Scope(SCOPE_PROTOTYPE)
    HttpPeerComponent engine(ConfiguredPeers peers, GatewayMeters meters) {
        return new HttpPeerComponent(Role.ENGINE, peers.engines(), Map.of(), meters);
    }

    @Bean
    @Scope(SCOPE_PROTOTYPE)
    HttpPeerComponent gateway(ConfiguredPeers peers, Circuits circuits, GatewayMeters meters) {
        return new HttpPeerComponent(Role.GATEWAY, peers.gateways(), circuits.gateways(), meters);
    }

    @Bean
    LiteralParameters literalParameters() {
        return new LiteralParameters();
    }
}
