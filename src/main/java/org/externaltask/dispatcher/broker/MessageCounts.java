package org.externaltask.dispatcher.broker;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** Counts what has become of received messages: {@code etd.messages} by queue and outcome. */
@Component
class MessageCounts {

    private final MeterRegistry meters;

    MessageCounts(MeterRegistry meters) {
        this.meters = meters;
    }

    enum Outcome {
        CORRELATED,
        DUPLICATE,
        RETRIED,
        PARKED,
        /** Back in its queue, because the engine is away or the route stops. */
        REQUEUED,
        /** Sent back from the parking queue. */
        REDRIVEN
    }

    void count(String queue, Outcome outcome) {
        meters.counter("etd.messages", "queue", queue, "outcome", outcome.name().toLowerCase(Locale.ROOT))
                .increment();
    }
}
