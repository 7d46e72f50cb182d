package org.externaltask.dispatcher.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class WorkerIdsTest {

    @Test
    void a_worker_id_is_the_same_for_the_life_of_a_process_and_no_other_has_it(CapturedOutput log) {
        WorkerIds one = workerIds(Map.of());
        WorkerIds other = workerIds(Map.of());

        assertThat(one.of("default")).isEqualTo(one.of("default")).isNotEqualTo(other.of("default"));
        assertThat(log).doesNotContain("worker-id");
    }

    @Test
    void a_static_worker_id_is_taken_with_a_warning_of_what_it_breaks(CapturedOutput log) {
        Map<String, String> settings = Map.of("etd.engines.default.worker-id", "worker");

        assertThat(workerIds(settings).of("default"))
                .isEqualTo(workerIds(settings).of("default"));

        assertThat(log.getOut())
                .contains("WARN")
                .contains(
                        "etd.engines.default.worker-id is set to 'worker': a second process with the same id can finish"
                                + " this one's tasks; leave it out unless exactly one process runs");
    }

    private static WorkerIds workerIds(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("etd.engines.default.base-url", "http://localhost/engine-rest");
        return new WorkerIds(new Binder(new MapConfigurationPropertySource(all))
                .bind("etd", EtdProperties.class)
                .get());
    }
}
