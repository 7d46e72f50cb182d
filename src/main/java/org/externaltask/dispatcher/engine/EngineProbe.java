package org.externaltask.dispatcher.engine;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Asks an engine something cheap, to find out whether it is of use to ask it anything. */
@Component
public class EngineProbe {

    private static final Set<EngineAnswer> OUT_OF_USE =
            EnumSet.of(EngineAnswer.UNREACHABLE, EngineAnswer.UNAUTHORISED, EngineAnswer.THROTTLED);

    private final EngineCall call;
    private final EngineFaults faults;

    EngineProbe(EngineCall call, EngineFaults faults) {
        this.call = call;
        this.faults = faults;
    }

    /** Why the engine is of no use now; empty when it is. */
    public Optional<EngineFault> problem(String engine) {
        try {
            return Optional.ofNullable(
                            call.send(engine, "probe-engine", Map.of()).getException())
                    .map(failure -> faults.count(engine, failure))
                    .filter(fault -> OUT_OF_USE.contains(fault.answer()));
        } catch (IOException | RuntimeException e) { // Camel stops
            return Optional.of(faults.count(engine, e));
        }
    }
}
