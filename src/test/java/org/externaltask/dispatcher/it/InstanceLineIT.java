package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Many tasks of few instances, done by many threads at once. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"etd.routes=file:src/test/resources/line", "etd.engines.default.max-tasks=100"})
@DirtiesContext
class InstanceLineIT {

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Autowired
    private MeterRegistry meters;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @Test
    void tasks_of_one_instance_do_not_collide_in_the_engine() {
        List<String> instances = IntStream.range(0, 10)
                .mapToObj(i -> engine.startProcess("many-tasks", "M-" + i, Map.of()))
                .toList();

        await().atMost(Duration.ofSeconds(60)).until(() -> instances.stream().allMatch(engine::isEnded));

        assertThat(meters.find("etd.engine.faults").counters())
                .as("calls that the engine refused, of 500 tasks")
                .allSatisfy(faults ->
                        assertThat(faults.count()).as("%s", faults.getId()).isZero());
    }
}
