package org.externaltask.dispatcher.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** A JDK on this machine: the one that runs the tests, or one that lies beside it. */
public record Jdk(Path home) {

    public static Jdk ofThisProcess() {
        return new Jdk(Path.of(System.getProperty("java.home")));
    }

    /** One whose version begins like this, {@code 25} for example. */
    public static Optional<Jdk> ofVersion(String version) {
        Path home = ofThisProcess().home();
        try (Stream<Path> neighbours = Files.list(home.toAbsolutePath().getParent())) {
            return Stream.concat(Stream.of(home), neighbours.sorted())
                    .map(Jdk::new)
                    .filter(jdk -> jdk.hasVersion(version))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path java() {
        return home.resolve("bin").resolve("java");
    }

    private boolean hasVersion(String version) {
        Path release = home.resolve("release");
        if (!Files.isRegularFile(release) || !Files.isExecutable(java())) {
            return false;
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(release)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("JAVA_VERSION", "").matches("\"" + version + "(\\..*)?\"");
    }
}
