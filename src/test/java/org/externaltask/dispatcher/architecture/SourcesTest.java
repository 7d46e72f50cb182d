package org.externaltask.dispatcher.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can be seen in the sources only. */
class SourcesTest {

    private static final Path MAIN = Path.of("src/main/java");
    private static final Path ROUTES = Path.of("src/main/resources/routes");

    /** A text with a path of the engine's REST API; comments may name them. */
    private static final String REST_PATH =
            "/(external-task|message|process-definition|process-instance|execution|variable-instance|incident|fetchAndLock)\\b";

    /** A file's content stays in the engine, and the route gets its address there as data. */
    private static final Path ADDRESS_IN_A_VARIABLE = Path.of("engine/VariableReference.java");

    @Test
    void every_package_says_what_it_is_for() throws IOException {
        assertThat(sources())
                .map(Path::getParent)
                .map(folder -> folder.resolve("package-info.java"))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(file).exists());
    }

    @Test
    void only_the_machinery_knows_the_rest_api_of_the_engine() throws IOException {
        Pattern literal = Pattern.compile("\"[^\"\\n]*" + REST_PATH + "[^\"\\n]*\"");
        for (Path source : sources()) {
            if (source.endsWith(ADDRESS_IN_A_VARIABLE)) {
                continue;
            }
            assertThat(literal.matcher(withoutComments(source)).results().map(MatchResult::group))
                    .as("paths of the engine's REST API in %s; they belong into routes/dispatcher", source)
                    .isEmpty();
        }
    }

    @Test
    void the_machinery_does_name_the_rest_api_of_the_engine() throws IOException {
        Pattern path = Pattern.compile(REST_PATH);
        try (Stream<Path> files = Files.walk(ROUTES)) {
            assertThat(files.filter(file -> file.toString().endsWith(".camel.yaml"))
                            .filter(file -> path.matcher(read(file)).find()))
                    .as("files that name paths of the engine's REST API")
                    .isNotEmpty()
                    .allMatch(file -> file.startsWith(ROUTES.resolve("dispatcher")));
        }
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(MAIN)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static String withoutComments(Path source) {
        return read(source).replaceAll("(?s)/\\*.*?\\*/", "").replaceAll("(?m)(?<!:)//.*$", "");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
