package org.externaltask.dispatcher.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The tests that the last column of a table in the documentation names, as {@code `TypeTest`} or {@code `TypeTest.method`}. */
final class NamedTests {

    private static final Path TESTS = Path.of("src/test/java");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+)(?:\\.(\\w+))?`");

    private NamedTests() {}

    static List<String> in(String table) {
        return table.lines()
                .flatMap(row -> TEST.matcher(lastCell(row)).results())
                .map(found -> found.group(2) == null ? found.group(1) : found.group(1) + "." + found.group(2))
                .toList();
    }

    static boolean exists(String test) {
        String type = test.replaceFirst("\\..*", "");
        String method = test.substring(Math.min(test.length(), type.length() + 1));
        try (Stream<Path> files = Files.walk(TESTS)) {
            for (Path file : files.filter(path -> path.endsWith(type + ".java")).toList()) {
                return method.isEmpty() || Files.readString(file).contains(" " + method);
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String lastCell(String row) {
        String[] cells = row.split("\\|");
        return cells.length < 2 ? "" : cells[cells.length - 1];
    }
}
