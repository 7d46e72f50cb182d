package org.externaltask.dispatcher.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicFolderTest {

    @TempDir
    Path folder;

    @Test
    void only_visible_topic_files_outside_of_the_machinery_are_read() throws IOException {
        write("service/svc_A.camel.yaml");
        write("send/team/msg_B.camel.yaml");
        write("dispatcher/fetch-and-lock.camel.yaml");
        write("service/svc_A.test.yaml");
        write("kamelets/x.kamelet.yaml");
        write("service/.svc_A.camel.yaml");
        write(".git/svc_C.camel.yaml");

        assertThat(routes("file:" + folder).read()).extracting(TopicFile::name).containsExactly("msg_B", "svc_A");
        assertThat(routes(folder.toString()).read()).hasSize(2);
    }

    @Test
    void a_mounted_config_map_is_read_once() throws IOException {
        Path data = write("..2026_01_01/svc_A.camel.yaml").getParent();
        Files.createSymbolicLink(folder.resolve("..data"), data);
        Files.createSymbolicLink(folder.resolve("svc_A.camel.yaml"), Path.of("..data/svc_A.camel.yaml"));

        assertThat(routes("file:" + folder).read())
                .extracting(TopicFile::path)
                .containsExactly(folder.resolve("svc_A.camel.yaml").toString());
    }

    @Test
    void hot_reload_of_the_bundled_examples_means_their_sources() {
        assumeThat(Path.of("src/main/resources/routes")).isDirectory();
        assertThat(folder("classpath:routes", true).directory())
                .contains(Path.of("src/main/resources/routes").toAbsolutePath());
        assertThat(folder("classpath:routes", false).directory()).isEmpty();
    }

    private TopicFolder routes(String routes) {
        return folder(routes, false);
    }

    private static TopicFolder folder(String routes, boolean reload) {
        return new TopicFolder(new EtdProperties(
                routes,
                new EtdProperties.Reload(reload, Duration.ofMillis(300)),
                Map.of(),
                Map.of(),
                null,
                null,
                null));
    }

    private Path write(String path) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }
}
