package org.externaltask.dispatcher.engine;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.FluentProducerTemplate;
import org.springframework.stereotype.Component;

/** Asks an engine something cheap, to find out whether it is of use to ask it anything. */
@Component
public class EngineProbe {

    private static final Set<EngineAnswer> OUT_OF_USE =
            EnumSet.of(EngineAnswer.UNREACHABLE, EngineAnswer.UNAUTHORISED, EngineAnswer.THROTTLED);

    private final CamelContext camel;
    private final EngineFaults faults;

    EngineProbe(CamelContext camel, EngineFaults faults) {
        this.camel = camel;
        this.faults = faults;
    }

    /** Why the engine is of no use now; empty when it is. */
    public Optional<EngineFault> problem(String engine) {
        try (FluentProducerTemplate template = camel.createFluentProducerTemplate()) {
            Exchange asked = template.withProcessor(exchange -> exchange.setProperty("etdEngine", engine))
                    .to("direct:probe-engine")
                    .send();
            return Optional.ofNullable(asked.getException())
                    .map(failure -> faults.count(engine, failure))
                    .filter(fault -> OUT_OF_USE.contains(fault.answer()));
        } catch (IOException | RuntimeException e) { // Camel stops
            return Optional.of(faults.count(engine, e));
        }
    }
}
