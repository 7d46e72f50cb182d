package org.externaltask.dispatcher.http;

import static org.springframework.beans.factory.config.ConfigurableBeanFactory.SCOPE_PROTOTYPE;

import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;

/**
 * Makes the Camel components {@code engine:} and {@code gateway:} out of the configuration; the name of the bean is the
 * scheme. Each CamelContext gets its own, so that a scratch context that validates routes cannot close the connections of the
 * real one.
 */
@Configuration(proxyBeanMethods = false)
class HttpPeers {

    @Bean
    @Scope(SCOPE_PROTOTYPE)
    HttpPeerComponent engine(EtdProperties etd) {
        return HttpPeerComponent.ofEngines(etd.engines());
    }

    @Bean
    @Scope(SCOPE_PROTOTYPE)
    HttpPeerComponent gateway(EtdProperties etd, Circuits circuits) {
        return HttpPeerComponent.ofGateways(etd.gateways(), circuits.gateways());
    }

    @Bean
    LiteralParameters literalParameters() {
        return new LiteralParameters();
    }
}
