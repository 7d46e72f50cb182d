package org.externaltask.dispatcher.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The table of faults in the documentation names tests that there are. */
class DeliveryGuaranteesTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| F(\\d+) \\|");

    @Test
    void every_test_that_the_table_of_faults_names_exists() throws IOException {
        assertThat(NamedTests.in(faults())).isNotEmpty().allMatch(NamedTests::exists);
    }

    @Test
    void every_fault_from_1_to_35_has_a_row() throws IOException {
        Set<Integer> rows = ROW.matcher(faults())
                .results()
                .map(row -> Integer.valueOf(row.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(rows)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 35).boxed().toList());
    }

    private static String faults() throws IOException {
        return Files.readString(Path.of("docs/delivery-guarantees.md"))
                .split("(?m)^## Faults$")[1]
                .split("(?m)^## ")[0];
    }
}
