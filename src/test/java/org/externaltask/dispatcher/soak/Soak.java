package org.externaltask.dispatcher.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.util.FileSystemUtils;

/**
 * Many process instances while dispatchers, engine, broker and gateway fail, and then a look at whether everything is as it must be.
 * Not part of {@code mvn verify}; {@code mvn verify -DskipUnitTests -Dit.test=Soak} runs it, and {@link SoakSettings} says how it can
 * be made longer.
 */
class Soak {

    /** The logs of all processes, the figures and the broken invariants. */
    private static final Path RESULTS = Path.of("target/soak");

    @BeforeAll
    static void only_the_soak_speaks() {
        LoggingSystem.get(Soak.class.getClassLoader()).setLogLevel("org.springframework.amqp", LogLevel.OFF);
    }

    @Test
    void nothing_is_lost_whatever_fails() throws Exception {
        FileSystemUtils.deleteRecursively(RESULTS);
        Files.createDirectories(RESULTS);
        try (SoakRun soak = new SoakRun(SoakSettings.fromSystemProperties(), RESULTS)) {
            soak.run();
            Evidence evidence = soak.evidence();
            List<Violation> violations = InvariantChecker.check(evidence);
            Figures figures = soak.figures(evidence);
            figures.write(RESULTS.resolve("figures.json"));
            Files.write(
                    RESULTS.resolve("violations.txt"),
                    violations.stream().map(Violation::toString).toList());
            System.out.println(figures);
            assertThat(violations)
                    .as("broken invariants; logs are in " + RESULTS)
                    .isEmpty();
        }
    }
}
