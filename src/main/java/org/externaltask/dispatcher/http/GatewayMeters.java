package org.externaltask.dispatcher.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.circuit.CircuitUser;
import org.externaltask.dispatcher.meters.Tagged;
import org.externaltask.dispatcher.meters.Timers;
import org.springframework.stereotype.Component;

/** Measures the calls to gateways, each by itself. */
@Component
class GatewayMeters {

    private final Tagged<Timer> calls;

    GatewayMeters(MeterRegistry registry) {
        calls = Timers.of(registry, "etd.gateway", "one call to a gateway", "gateway", "topic", "outcome");
    }

    void called(HttpCall call, Exchange exchange, String outcome, long nanos) {
        calls.of(call.peer().name(), topic(exchange), outcome).record(nanos, TimeUnit.NANOSECONDS);
    }

    static String outcome(HttpCallFailed failed) {
        return failed.status() == 0
                ? failed.reason() == HttpCallFailed.Reason.TIMEOUT ? "timeout" : "unreachable"
                : failed.status() / 100 + "xx";
    }

    /** Or the route, where there is no topic; not the exchange variable, which a route may set to anything. */
    private static String topic(Exchange exchange) {
        return CircuitUser.of(exchange)
                .map(CircuitUser::topic)
                .orElseGet(() -> exchange.getFromRouteId() == null ? "none" : exchange.getFromRouteId());
    }
}
