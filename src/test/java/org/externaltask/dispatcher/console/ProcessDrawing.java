package org.externaltask.dispatcher.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Draws a BPMN file with the viewer that the Modeler and Cockpit have, and the names of route files at the elements that they serve. */
final class ProcessDrawing {

    private static final String VIEWER = "/META-INF/resources/webjars/bpmn-js/8.0.0/dist/bpmn-viewer.production.min.js";

    private ProcessDrawing() {}

    static void show(Browser browser, Path bpmn) throws IOException {
        browser.open(URI.create("about:blank"));
        browser.driver().executeScript(Browser.script(VIEWER));
        Object size = browser.driver()
                .executeAsyncScript(Browser.script("/console/draw-process.js"), Files.readString(bpmn), routes());
        assertThat(size).as(bpmn + ": " + size).isInstanceOf(Map.class);
        Map<?, ?> extent = (Map<?, ?>) size;
        browser.sheet(((Number) extent.get("width")).intValue(), ((Number) extent.get("height")).intValue());
    }

    private static List<String> routes() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/resources/routes"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".camel.yaml"))
                    .map(name -> name.replace(".camel.yaml", ""))
                    .toList();
        }
    }
}
