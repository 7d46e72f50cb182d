package org.externaltask.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The dispatcher as a file to start.
 *
 * @param jvm options without which it would not be what it is
 */
record Program(Path jar, List<String> jvm) {

    static final String JAR = "jar";
    static final String UNPACKED = "unpacked";
    static final String ARCHIVE = "archive";

    /** Makes of the same jar what was asked for, by its name: what docs/operating.md calls a faster start. */
    static Map<String, Program> all(List<String> names, Options options) {
        Path jar = options.jar();
        Path folder = Home.of("results/unpacked");
        Path unpacked = folder.resolve(jar.getFileName());
        if (names.contains(UNPACKED) || names.contains(ARCHIVE)) {
            delete(folder);
            Child.ofJar("unpack", jar, List.of("-Djarmode=tools"), "extract", "--destination", folder)
                    .mustEndWell();
        }
        Map<String, Program> programs = new LinkedHashMap<>();
        for (String name : names) {
            programs.put(
                    name,
                    switch (name) {
                        case JAR -> new Program(jar, List.of());
                        case UNPACKED -> new Program(unpacked, List.of());
                        case ARCHIVE -> rehearsed(unpacked, options);
                        default ->
                            throw new Options.Wrong("the dispatcher cannot be started as '" + name + "', only as "
                                    + List.of(JAR, UNPACKED, ARCHIVE));
                    });
        }
        return programs;
    }

    private static Program rehearsed(Path unpacked, Options options) {
        boolean cache = Runtime.version().feature() >= 25;
        Path archive = unpacked.resolveSibling(cache ? "etd.aot" : "etd.jsa");
        List<String> jvm = new ArrayList<>(Etd.jvm(options));
        jvm.add((cache ? "-XX:AOTCacheOutput=" : "-XX:ArchiveClassesAtExit=") + archive);
        Child.ofJar("rehearsal", unpacked, jvm, "--spring.profiles.active=rehearsal")
                .mustEndWell();
        return new Program(unpacked, List.of((cache ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + archive));
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.exists(folder) ? Files.walk(folder) : Stream.empty()) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
