package org.externaltask.dispatcher.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.externaltask.dispatcher.circuit.TestCircuits;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.engine.EngineConnection;
import org.externaltask.dispatcher.engine.EngineFaults;
import org.externaltask.dispatcher.engine.WorkerIds;
import org.externaltask.dispatcher.externaltask.ExternalTaskComponent;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.externaltask.Subscriptions;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

class FetchPlanTest {

    @Test
    void a_plan_that_breaks_asks_for_nothing_pauses_and_shows_in_the_health() {
        EtdProperties properties = new Binder(new MapConfigurationPropertySource(
                        Map.of("etd.engines.default.base-url", "http://localhost/engine-rest")))
                .bind("etd", EtdProperties.class)
                .get();
        try (AnnotationConfigApplicationContext engine = new AnnotationConfigApplicationContext()) {
            engine.registerBean(EtdProperties.class, () -> properties);
            engine.registerBean(MeterRegistry.class, SimpleMeterRegistry::new);
            engine.register(WorkerIds.class, EngineFaults.class, HeartbeatMeters.class, FetchMeters.class);
            engine.refresh();
            FetchPlan plan = new FetchPlan(
                    properties,
                    new BrokenTopics(properties),
                    engine.getBean(WorkerIds.class),
                    new Leases(),
                    TestCircuits.with(Map.of()),
                    engine.getBean(EngineFaults.class),
                    engine.getBean(FetchMeters.class),
                    Duration.ofSeconds(30));

            assertThat(plan.next("default", FetchLane.LONG_POLL)).isNull();

            EngineConnection connection = plan.connections().get("default");
            assertThat(connection.status()).isEqualTo(new EngineConnection.Status(false, "the list of topics broke"));
            assertThat(connection.pauseNanos(System.nanoTime())).isPositive();
        }
    }

    private static final class BrokenTopics extends ExternalTaskComponent {

        BrokenTopics(EtdProperties properties) {
            super(properties);
        }

        @Override
        public Subscriptions<Subscription> subscriptions() {
            return new Subscriptions<>() {
                @Override
                public List<Subscription> of(String engine) {
                    throw new IllegalStateException("the list of topics broke");
                }
            };
        }
    }
}
