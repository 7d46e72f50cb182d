package org.externaltask.dispatcher.engine;

import java.util.Map;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.configuration.Unconfigured;
import org.springframework.stereotype.Component;

/** Knows how each configured engine wants its variables. */
@Component
public class EngineVariables {

    private final Map<String, TypedVariables> codecs;

    EngineVariables(EtdProperties properties) {
        codecs = properties.engines().entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey,
                        engine -> new TypedVariables(engine.getValue().jsonFormat())));
    }

    public TypedVariables of(String engine) {
        TypedVariables codec = codecs.get(engine);
        if (codec == null) {
            throw Unconfigured.engine(engine, codecs.keySet());
        }
        return codec;
    }
}
