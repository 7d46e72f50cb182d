package org.externaltask.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts the packaged dispatcher as a user would. */
final class Etd {

    private Etd() {}

    /**
     * @param options {@code --jar}, {@code --jvm} (further JVM options, separated by commas) and {@code --jfr} (a file for a recording)
     */
    static Child start(Options options, String engine, String routes, int maxTasks, List<String> more) throws IOException {
        List<String> jvm = new ArrayList<>(List.of("-Xmx512m"));
        if (!options.text("jvm", "").isEmpty()) {
            jvm.addAll(options.list("jvm", ""));
        }
        String recording = options.text("jfr", "");
        if (!recording.isEmpty()) {
            jvm.add("-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + Path.of(recording).toAbsolutePath());
        }
        List<Object> arguments = new ArrayList<>();
        arguments.add("--server.port=" + Child.freePort());
        arguments.add("--etd.engines.default.base-url=" + engine);
        arguments.add("--etd.engines.default.max-tasks=" + maxTasks);
        arguments.add("--etd.routes=file:" + Path.of(routes).toAbsolutePath().normalize());
        arguments.addAll(more);
        return Child.ofJar("etd", options.jar(), jvm, Map.of(), arguments.toArray());
    }
}
