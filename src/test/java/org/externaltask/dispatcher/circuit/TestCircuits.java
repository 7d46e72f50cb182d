package org.externaltask.dispatcher.circuit;

import java.util.HashMap;
import java.util.Map;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Circuits of a gateway called default and of a broker, as tests need them. */
public final class TestCircuits {

    private TestCircuits() {}

    /** @param more properties below {@code etd.gateways.default.circuit} */
    public static Circuits with(Map<String, String> more) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "etd.engines.default.base-url", "http://localhost/engine-rest",
                "etd.gateways.default.base-url", "http://localhost/"));
        more.forEach((key, value) -> properties.put("etd.gateways.default.circuit." + key, value));
        return new Circuits(new Binder(new MapConfigurationPropertySource(properties))
                .bind("etd", EtdProperties.class)
                .get());
    }
}
