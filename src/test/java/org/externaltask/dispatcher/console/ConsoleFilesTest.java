package org.externaltask.dispatcher.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The files of the console, from index.html on: what one names has to be there, and all of it has to stay small. */
class ConsoleFilesTest {

    private static final URI START = URI.create("/index.html");
    private static final Pattern REFERENCE =
            Pattern.compile("(?:from |import |<script [^>]*src=|<link [^>]*href=|<img src=)['\"]([^'\"]+)['\"]");

    @Test
    void every_file_that_the_page_names_is_there_in_the_version_of_its_webjar() {
        assertThat(files().keySet())
                .map(URI::getPath)
                .contains("/console/main.js", "/console/console.css", "/favicon.svg")
                .anyMatch(path -> path.matches("/webjars/preact/[\\d.]+/dist/preact.module.js"))
                .anyMatch(path -> path.matches("/_static/htm/[\\d.]+/dist/htm.module.js"))
                .anyMatch(path -> path.matches("/webjars/uplot/[\\d.]+/dist/uPlot.iife.min.js"));
    }

    @Test
    void nothing_comes_from_elsewhere_and_nothing_needs_an_unsafe_content_security_policy() {
        ownFiles().forEach(file -> assertThat(new String(file.getValue(), UTF_8))
                .as(file.getKey().getPath())
                .doesNotContain("https:", "innerHTML", "dangerouslySetInnerHTML", "eval(", "new Function")
                .doesNotContainPattern("http://(?!www\\.w3\\.org/)")
                .doesNotContainPattern("<script(?![^>]* src=)")
                .doesNotContainPattern("<style|\\sstyle=\"|\\son\\w+=\""));
    }

    @Test
    void the_page_is_light() {
        int zipped = files().values().stream()
                .mapToInt(ConsoleFilesTest::zippedLength)
                .sum();

        assertThat(zipped).as("bytes of all files of the page, zipped").isLessThan(60_000);
    }

    private static Stream<Map.Entry<URI, byte[]>> ownFiles() {
        return files().entrySet().stream()
                .filter(file -> !file.getKey().getPath().matches("/(webjars|_static)/.*"));
    }

    /** The page and all that it loads, by where the browser asks for it. */
    private static Map<URI, byte[]> files() {
        Map<URI, byte[]> files = new LinkedHashMap<>();
        Deque<URI> named = new ArrayDeque<>();
        named.add(START);
        while (!named.isEmpty()) {
            URI address = named.remove();
            if (files.containsKey(address)) {
                continue;
            }
            byte[] content = read(address);
            files.put(address, content);
            // In a script, from './parts.js' is beside it, while <img src="console/…"> is beside the page.
            REFERENCE
                    .matcher(new String(content, UTF_8))
                    .results()
                    .map(found -> (found.group(1).startsWith(".") ? address : START).resolve(found.group(1)))
                    .forEach(named::add);
        }
        return files;
    }

    private static byte[] read(URI address) {
        return Stream.of("/static", "/META-INF/resources")
                .map(folder -> ConsoleFilesTest.class.getResourceAsStream(folder + address.getPath()))
                .filter(stream -> stream != null)
                .findFirst()
                .map(ConsoleFilesTest::all)
                .orElseThrow(() -> new AssertionError(address + " is named by the page, and is not there"));
    }

    private static byte[] all(InputStream stream) {
        try (stream) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int zippedLength(byte[] content) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zipped.size();
    }
}
