package org.externaltask.dispatcher.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The alarms for Prometheus, held against its own tool; without it, skipped, but in CI failed. */
class AlarmsTest {

    @Test
    void prometheus_understands_the_alarms() throws Exception {
        assertThat(promtool("check", "rules", "deploy/prometheus/rules.yml")).contains("SUCCESS");
    }

    @Test
    void the_alarms_are_raised_for_what_they_are_for_and_not_for_anything_else() throws Exception {
        assertThat(promtool("test", "rules", "deploy/prometheus/rules.test.yml"))
                .contains("SUCCESS");
    }

    @Test
    void prometheus_understands_its_own_configuration() throws Exception {
        assertThat(promtool("check", "config", "--syntax-only", "deploy/prometheus/prometheus.yml"))
                .contains("SUCCESS");
    }

    private static String promtool(String... arguments) throws IOException, InterruptedException {
        boolean there = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> new File(folder, "promtool").canExecute());
        assumeTrue(there, "promtool is not here; on Debian it is in the package prometheus");
        Process process = new ProcessBuilder(Stream.concat(Stream.of("promtool"), Stream.of(arguments))
                        .toList())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
