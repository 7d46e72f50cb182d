package org.externaltask.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Knows where the folder bench/ and the built dispatcher are. */
final class Home {

    private Home() {}

    static Path of(String path) {
        String home = System.getProperty("etd.bench.home");
        if (home == null) {
            throw new IllegalStateException(
                    "start this with one of the commands in bench/, for example bench/own-cost");
        }
        return Path.of(home, path);
    }

    static Path jar() {
        Path target = of("../target").normalize();
        try (Stream<Path> files = Files.exists(target) ? Files.list(target) : Stream.empty()) {
            return files.filter(file -> file.getFileName().toString().matches("external-task-dispatcher-.*\\.jar"))
                    .filter(file -> !file.getFileName().toString().matches(".*-(sources|javadoc|tests)\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new Options.Wrong("there is no built dispatcher in " + target
                            + ": run 'mvn package -DskipTests', or say where it is with --jar"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
