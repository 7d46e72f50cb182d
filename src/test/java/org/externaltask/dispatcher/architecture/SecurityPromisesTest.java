package org.externaltask.dispatcher.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Each promise in SECURITY.md names a test that there is. */
class SecurityPromisesTest {

    @Test
    void every_promise_names_tests_that_exist() throws IOException {
        String promises = Files.readString(Path.of("SECURITY.md"))
                .split("(?m)^## What is promised.*$")[1]
                .split("(?m)^## ")[0];

        assertThat(promises.lines().filter(row -> row.startsWith("| ")).skip(2))
                .hasSizeGreaterThan(10)
                .allMatch(row -> !NamedTests.in(row).isEmpty());
        assertThat(NamedTests.in(promises)).allMatch(NamedTests::exists);
    }
}
