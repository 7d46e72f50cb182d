package org.externaltask.dispatcher.engine;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.externaltask.dispatcher.http.UnusableAnswer;
import org.springframework.stereotype.Component;

/** Says what is wrong when a call to an engine is not done, and counts it by engine and kind. */
@Component
public class EngineFaults {

    private final Map<String, String> users;
    private final MeterRegistry meters;

    EngineFaults(EtdProperties properties, MeterRegistry meters) {
        this.users = properties.engines().entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey,
                        engine -> engine.getValue().authentication().toString()));
        this.meters = meters;
    }

    /** What is wrong; an error that is no answer of the engine counts as no usable one. */
    public EngineFault count(String engine, Throwable error) {
        EngineFault fault = of(engine, error);
        meters.counter(
                        "etd.engine.faults",
                        "engine",
                        engine,
                        "fault",
                        fault.answer().name().toLowerCase(Locale.ROOT))
                .increment();
        return fault;
    }

    /** Of an answer that was too large, as much as could be read; of any other error nothing. */
    public byte[] beginningOfAnswer(Throwable error) {
        return error instanceof UnusableAnswer answer ? answer.beginning() : new byte[0];
    }

    private EngineFault of(String engine, Throwable error) {
        if (!(error instanceof HttpCallFailed failed)) {
            return new EngineFault(EngineAnswer.UNREACHABLE, String.valueOf(error.getMessage()), Duration.ZERO);
        }
        EngineAnswer answer = EngineAnswer.of(failed);
        return new EngineFault(
                answer,
                answer == EngineAnswer.UNAUTHORISED ? refusal(engine, failed) : failed.getMessage(),
                failed.retryAfter().orElse(Duration.ZERO));
    }

    private String refusal(String engine, HttpCallFailed failed) {
        if (failed.reason() == HttpCallFailed.Reason.TOKEN_REFUSED) {
            return failed.getMessage(); // says what to correct, because it is not the engine that refuses
        }
        String user = users.getOrDefault(engine, "none");
        String who = "none".equals(user) ? "without credentials" : "with " + user;
        return failed.status() == 401
                ? "%s %s: correct etd.engines.%s.authentication".formatted(failed.getMessage(), who, engine)
                : "%s %s: grant READ and UPDATE on PROCESS_INSTANCE, or READ_INSTANCE and UPDATE_INSTANCE on the PROCESS_DEFINITIONs that are served"
                        .formatted(failed.getMessage(), who);
    }
}
