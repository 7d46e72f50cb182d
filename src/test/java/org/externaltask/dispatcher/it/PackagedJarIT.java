package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.JavaProcess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar that is shipped, run as people run it; all other tests run the classes. */
@Tag("any-engine")
class PackagedJarIT {

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Test
    void the_jar_works_on_a_task_and_ends_on_sigterm(@TempDir Path folder) throws Exception {
        Work.takes(Duration.ZERO);
        try (JavaProcess dispatcher = JavaProcess.start(
                jar(), folder.resolve("dispatcher.log"), Dispatcher.arguments(Surroundings.ENGINE.baseUrl()))) {
            dispatcher.awaitSaid("Started DispatcherApplication");
            String instance = Work.start("svc_LongWork");

            await().atMost(Work.SOON).until(() -> engine.isEnded(instance));

            dispatcher.signal("TERM");
            assertThat(dispatcher.awaitExit()).as(dispatcher::log).isZero();
        }
    }

    private static Path jar() throws IOException {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target"), "external-task-dispatcher-*.jar")) {
            return jars.iterator().next();
        }
    }
}
