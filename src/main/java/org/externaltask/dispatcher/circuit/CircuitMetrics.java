package org.externaltask.dispatcher.circuit;

import io.github.resilience4j.micrometer.tagged.TaggedCircuitBreakerMetrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Meters of the circuits under resilience4j's own names, which its dashboards know. */
@Configuration(proxyBeanMethods = false)
class CircuitMetrics {

    @Bean
    MeterBinder circuitMeters(Circuits circuits) {
        return TaggedCircuitBreakerMetrics.ofCircuitBreakerRegistry(circuits.breakers());
    }
}
