package org.externaltask.dispatcher.broker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Shows how many messages are parked. Whoever reads the meters must not have to wait for the broker, so it is asked now and then. */
@Component
public class ParkedGauge {

    private static final Logger LOG = LoggerFactory.getLogger(ParkedGauge.class);
    private static final int SECONDS = 15;

    private final Topology topology;
    private final ReceiveRoutes routes;
    private final String parkingQueue;
    private final ScheduledExecutorService clock;
    private volatile double messages = Double.NaN;

    ParkedGauge(Topology topology, ReceiveRoutes routes, EtdProperties properties, MeterRegistry registry) {
        this.topology = topology;
        this.routes = routes;
        this.parkingQueue = properties.broker().parkingQueue();
        clock = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "parked-gauge");
            thread.setDaemon(true);
            return thread;
        });
        Gauge.builder("etd.parked", () -> messages)
                .description("messages in the parking queue; NaN while that is not known")
                .baseUnit("messages")
                .register(registry);
    }

    @EventListener(ApplicationReadyEvent.class)
    void start() {
        var unused = clock.scheduleWithFixedDelay(this::ask, 1, SECONDS, TimeUnit.SECONDS);
    }

    @PreDestroy
    void close() {
        clock.shutdownNow();
    }

    /** How many messages are parked; empty while that is not known. */
    public OptionalLong messages() {
        double known = messages;
        return Double.isNaN(known) ? OptionalLong.empty() : OptionalLong.of((long) known);
    }

    /** A dispatcher that receives nothing may have no broker at all. */
    private void ask() {
        try {
            messages = routes.queues().isEmpty() ? Double.NaN : topology.messages(parkingQueue);
        } catch (AmqpException e) {
            messages = Double.NaN;
            LOG.debug("The broker does not say how many messages are parked", e);
        }
    }
}
