package org.externaltask.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Starts the packaged dispatcher as a user would. */
final class Etd {

    private Etd() {}

    /**
     * @param options {@code --jvm} (further JVM options, separated by commas), {@code --jfr} (a file for a recording) and
     *     {@code --etd-options} (further options of the dispatcher, separated by spaces)
     * @param routes folders
     * @param port of its own
     * @param settings options of the dispatcher that this row has
     */
    static Child start(
            Options options,
            Program program,
            int number,
            String engine,
            int maxTasks,
            Surroundings surroundings,
            List<String> routes,
            int port,
            List<String> settings) {
        List<String> jvm = new ArrayList<>(jvm(options));
        jvm.addAll(program.jvm());
        if (options.has("jfr")) {
            Path recording = Path.of(options.text("jfr", "")).toAbsolutePath();
            jvm.add("-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + recording);
        }
        List<Object> arguments = new ArrayList<>();
        arguments.add("--server.port=" + port);
        arguments.add("--etd.engines.default.base-url=" + engine);
        arguments.add("--etd.engines.default.max-tasks=" + maxTasks);
        arguments.add("--etd.routes=file:" + together(number, routes));
        arguments.addAll(surroundings.dispatcherSettings());
        arguments.addAll(settings);
        if (options.has("etd-options")) {
            arguments.addAll(List.of(options.text("etd-options", "").split(" ")));
        }
        return Child.ofJar("etd-" + number, program.jar(), jvm, arguments.toArray());
    }

    /** The JVM options that it has in every row. */
    static List<String> jvm(Options options) {
        List<String> jvm = new ArrayList<>(List.of("-Xmx512m"));
        if (options.has("jvm")) {
            jvm.addAll(options.list("jvm", ""));
        }
        return jvm;
    }

    /** The dispatcher reads one folder, so the routes of several are put into one. */
    private static Path together(int number, List<String> folders) {
        if (folders.size() == 1) {
            return Path.of(folders.get(0)).toAbsolutePath().normalize();
        }
        try {
            Path all = Files.createTempDirectory(Files.createDirectories(Home.of("results")), "routes-" + number + "-");
            all.toFile().deleteOnExit();
            for (String folder : folders) {
                try (Stream<Path> files = Files.list(Path.of(folder))) {
                    for (Path file : files.toList()) {
                        Path copy = Files.copy(file, all.resolve(file.getFileName()));
                        copy.toFile().deleteOnExit();
                    }
                }
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
