package org.externaltask.dispatcher.circuit;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.core.IntervalFunction;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.stereotype.Component;

/** The circuits of all configured gateways and of the broker. */
@Component
public class Circuits {

    private static final double LONGER = 2.0;

    private final CircuitBreakerRegistry breakers = CircuitBreakerRegistry.ofDefaults();
    private final Map<String, Circuit> gateways = new TreeMap<>();
    private final Circuit broker;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    Circuits(EtdProperties properties) {
        properties
                .gateways()
                .forEach((name, gateway) -> gateways.put(name, circuit("gateway " + name, gateway.circuit())));
        broker = circuit("broker", properties.broker().circuit());
    }

    /** The circuits of the gateways, by their configured names. */
    public Map<String, Circuit> gateways() {
        return Collections.unmodifiableMap(gateways);
    }

    public Circuit broker() {
        return broker;
    }

    /** How many tasks of a topic may be in work at once: 0 while something that it calls is away, 1 while that is tried again. */
    public int room(CircuitUser user) {
        int room = broker.room(user);
        for (Circuit gateway : gateways.values()) {
            room = Math.min(room, gateway.room(user));
        }
        return room;
    }

    /** What keeps tasks of a topic in the engine: the circuit that leaves them the least room; empty while all leave them any. */
    public Optional<Circuit> obstacle(CircuitUser user) {
        return Stream.concat(Stream.of(broker), gateways.values().stream())
                .filter(circuit -> circuit.room(user) < Integer.MAX_VALUE)
                .min(Comparator.comparingInt(circuit -> circuit.room(user)));
    }

    /** Calls back after the room of a topic may have changed. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    CircuitBreakerRegistry breakers() {
        return breakers;
    }

    private Circuit circuit(String name, EtdProperties.Circuit settings) {
        CircuitBreaker breaker = breakers.circuitBreaker(
                name,
                CircuitBreakerConfig.custom()
                        .failureRateThreshold(settings.failureRateThreshold())
                        .slidingWindowSize(settings.slidingWindowSize())
                        .minimumNumberOfCalls(settings.minimumNumberOfCalls())
                        .permittedNumberOfCallsInHalfOpenState(settings.permittedNumberOfCallsInHalfOpenState())
                        .automaticTransitionFromOpenToHalfOpenEnabled(true)
                        .waitIntervalFunctionInOpenState(IntervalFunction.ofExponentialBackoff(
                                settings.waitDurationInOpenState(), LONGER, settings.maxWaitDurationInOpenState()))
                        .build());
        if (!settings.enabled()) {
            breaker.transitionToDisabledState();
        }
        return new Circuit(breaker, settings, () -> listeners.forEach(Runnable::run));
    }
}
