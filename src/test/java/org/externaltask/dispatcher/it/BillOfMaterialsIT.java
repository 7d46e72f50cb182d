package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The list of what the jar is made of (CycloneDX), which goes with it. */
@Tag("any-engine")
class BillOfMaterialsIT {

    private static final String LIBRARIES = "BOOT-INF/lib/";

    @Test
    void the_jar_says_itself_which_libraries_are_in_it() throws Exception {
        try (JarFile jar = new JarFile(jar().toFile())) {
            String where = jar.getManifest().getMainAttributes().getValue("Sbom-Location");
            assertThat(where).isEqualTo("META-INF/sbom/application.cdx.json");
            JsonNode bill = new ObjectMapper().readTree(jar.getInputStream(jar.getEntry(where)));

            assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
            assertThat(bill.at("/metadata/component/name").asText()).isEqualTo("external-task-dispatcher");
            Set<String> listed = new TreeSet<>();
            for (JsonNode component : bill.path("components")) {
                listed.add(component.path("name").asText() + "-"
                        + component.path("version").asText() + ".jar");
            }
            Set<String> inside = jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith(LIBRARIES) && name.endsWith(".jar"))
                    .map(name -> name.substring(LIBRARIES.length()))
                    .filter(name -> !name.startsWith("spring-boot-jarmode-tools")) // added when the jar is packed
                    .collect(Collectors.toSet());

            assertThat(inside).hasSizeGreaterThan(100).isSubsetOf(listed);
            assertThat(listed).noneMatch(name -> name.startsWith("wiremock") || name.contains("engine-rest"));
        }
    }

    private static Path jar() throws Exception {
        try (DirectoryStream<Path> jars =
                Files.newDirectoryStream(Path.of("target"), "external-task-dispatcher-*.jar")) {
            return jars.iterator().next();
        }
    }
}
