package org.externaltask.dispatcher.operations.api;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.ValueAtPercentile;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Reads figures out of the meters, so that they are the same as in the metrics. */
@Component
class Figures {

    private static final double NANOS_PER_MILLI = 1_000_000.0;

    private final MeterRegistry meters;

    Figures(MeterRegistry meters) {
        this.meters = meters;
    }

    /** How much a counter has counted, by the values of one of its tags; what it never counted is left out. */
    Map<String, Long> counts(String counter, String by, String... tags) {
        Map<String, Long> counts = new TreeMap<>();
        for (Counter found : meters.find(counter).tags(tags).counters()) {
            String value = found.getId().getTag(by);
            if (value != null && found.count() > 0) {
                counts.merge(value, Math.round(found.count()), Long::sum);
            }
        }
        return counts;
    }

    /**
     * A percentile of the last two minutes, as the timer publishes it; percentiles of several timers cannot be added up, so of those the
     * slowest.
     *
     * @return null when nothing was timed
     */
    Double millis(double percentile, String timer, String... tags) {
        OptionalDouble slowest = meters.find(timer).tags(tags).timers().stream()
                .mapToDouble(found -> nanos(percentile, found))
                .max();
        return slowest.isEmpty() || slowest.getAsDouble() == 0
                ? null
                : rounded(slowest.getAsDouble() / NANOS_PER_MILLI);
    }

    /** The meters of a name with these tags. */
    Collection<Meter> meters(String name, String... tags) {
        return meters.find(name).tags(Tags.of(tags)).meters();
    }

    private static double nanos(double percentile, Timer timer) {
        for (ValueAtPercentile value : timer.takeSnapshot().percentileValues()) {
            if (value.percentile() == percentile) {
                return value.value();
            }
        }
        return 0;
    }

    /** To one digit: more would be noise. */
    static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
