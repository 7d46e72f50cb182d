package org.externaltask.dispatcher.broker;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.externaltask.dispatcher.meters.Tagged;
import org.externaltask.dispatcher.meters.Timers;
import org.springframework.stereotype.Component;

/** Measures publications up to their confirm, and how long and how often received messages were tried. */
@Component
class BrokerMeters {

    private final Tagged<Timer> publications;
    private final Tagged<Timer> lag;
    private final Tagged<DistributionSummary> attempts;

    BrokerMeters(MeterRegistry registry) {
        publications = Timers.of(
                registry,
                "etd.publish",
                "from the wish to publish a message to the broker's confirm",
                "exchange",
                "outcome");
        lag = Timers.of(
                registry, "etd.message.lag", "from the first delivery of a message to its end", "queue", "outcome");
        attempts = Tagged.by(
                tags -> DistributionSummary.builder("etd.message.attempts")
                        .description("deliveries that a message took to its end")
                        .baseUnit("deliveries")
                        .tags(tags)
                        .register(registry),
                "queue",
                "outcome");
    }

    /** At zero, because the first failure of a timer that was not there before is no increase to Prometheus. */
    void show(Destination to) {
        List.of("confirmed", "refused", "unroutable", "failed")
                .forEach(outcome -> publications.of(exchange(to), outcome));
    }

    /** @param failure why the message is not published, or null */
    void published(Destination to, Throwable failure, long nanos) {
        String outcome =
                failure == null ? "confirmed" : failure instanceof PublishFailed failed ? failed.outcome() : "failed";
        publications.of(exchange(to), outcome).record(nanos, TimeUnit.NANOSECONDS);
    }

    private static String exchange(Destination to) {
        return to.exchange().isEmpty() ? "default" : to.exchange();
    }

    /** @param deliveries all of them, the last one included */
    void ended(String queue, String outcome, Instant firstSeen, int deliveries) {
        Duration took = Duration.between(firstSeen, Instant.now());
        lag.of(queue, outcome).record(took.isNegative() ? Duration.ZERO : took);
        attempts.of(queue, outcome).record(deliveries);
    }
}
