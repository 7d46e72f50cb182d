package org.externaltask.dispatcher.fetch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the route {@code extend-lock} asks the engine for, and what it makes of the consent. */
@Configuration(proxyBeanMethods = false)
class Heartbeat {

    private static final String REQUESTED = "etdRequestedNanos";

    private final HeartbeatMeters meters;

    Heartbeat(HeartbeatMeters meters) {
        this.meters = meters;
    }

    @Bean
    Processor extendLockRequest() {
        return exchange -> {
            Lease lease = exchange.getMessage().getBody(Lease.class);
            LockedTask task = lease.task();
            new TaskInWork(lease, null).attachTo(exchange);
            exchange.setProperty(REQUESTED, System.nanoTime());
            exchange.getMessage()
                    .setBody(JsonNodeFactory.instance
                            .objectNode()
                            .put("workerId", task.workerId())
                            .put(
                                    "newDuration",
                                    task.subscription().lockDuration().toMillis()));
        };
    }

    @Bean
    Processor lockExtended() {
        return exchange -> {
            Lease lease = lease(exchange);
            lease.extended(exchange.getProperty(REQUESTED, Long.class));
            meters.count(lease.task().subscription(), HeartbeatMeters.Beat.EXTENDED);
        };
    }

    private static Lease lease(Exchange exchange) {
        return TaskInWork.of(exchange).orElseThrow().lease();
    }
}
