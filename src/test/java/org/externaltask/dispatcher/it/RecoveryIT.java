package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EmbeddedBroker;
import org.externaltask.dispatcher.sandbox.EmbeddedEngine;
import org.externaltask.dispatcher.sandbox.FreePort;
import org.externaltask.dispatcher.sandbox.StubGateway;
import org.externaltask.dispatcher.sandbox.Warehouse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.actuate.health.HealthEndpoint;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** A dispatcher that is started before the engine and the broker are there. */
@ExtendWith(OutputCaptureExtension.class)
@Tag("any-engine")
class RecoveryIT {

    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void a_dispatcher_that_finds_neither_engine_nor_broker_is_down_and_recovers_by_itself(CapturedOutput output)
            throws Exception {
        int enginePort = FreePort.find();
        int brokerPort = FreePort.find();
        try (StubGateway gateway = StubGateway.start(0);
                ConfigurableApplicationContext dispatcher = new SpringApplicationBuilder(DispatcherApplication.class)
                        .run(
                                "--server.port=0",
                                "--etd.engines.default.base-url=" + EmbeddedEngine.baseUrl("late", enginePort),
                                "--etd.gateways.default.base-url=" + gateway.baseUrl(),
                                "--spring.rabbitmq.host=localhost",
                                "--spring.rabbitmq.port=" + brokerPort)) {
            HealthEndpoint health = dispatcher.getBean(HealthEndpoint.class);
            await().atMost(SOON).until(() -> output.getOut().contains("engine default does not answer fetches"));
            assertThat(health.healthForPath("engines").getStatus().getCode()).isEqualTo("DOWN");
            assertThat(health.healthForPath("rabbit").getStatus().getCode()).isEqualTo("DOWN");
            assertThat(health.healthForPath("readiness").getStatus().getCode()).isEqualTo("DOWN");
            assertThat(health.healthForPath("liveness").getStatus().getCode())
                    .as("a restart would not bring the engine back")
                    .isEqualTo("UP");

            try (EmbeddedBroker broker = EmbeddedBroker.start(brokerPort);
                    EmbeddedEngine engine = EmbeddedEngine.startAs("late", enginePort)) {
                engine.client().deploy(Path.of("bpmn/order-handling.bpmn"));
                try (Warehouse warehouse = Warehouse.open(broker.port())) {
                    await().atMost(SOON)
                            .until(() -> health.health().getStatus().getCode().equals("UP"));
                    assertThat(health.healthForPath("readiness").getStatus().getCode())
                            .isEqualTo("UP");
                    String order = engine.client()
                            .startProcess(
                                    "order-handling", "O-1", Map.of("orderNumber", "O-1", "customerNumber", "C-1"));
                    await().atMost(SOON)
                            .untilAsserted(() ->
                                    assertThat(engine.client().endEvent(order)).contains("Order received"));
                    assertThat(warehouse).isNotNull();
                    assertThat(output.getOut().split("engine default does not answer fetches", -1))
                            .as("one warning for the whole time that the engine was away")
                            .hasSize(2);
                    assertThat(output.getOut()).contains("engine default answers again after");
                }
            }
        }
    }
}
