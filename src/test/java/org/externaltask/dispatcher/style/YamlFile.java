package org.externaltask.dispatcher.style;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A topic file, a file of the machinery or a kamelet. */
record YamlFile(Path path, Kind kind, String text, YamlNode root) {

    enum Kind {
        TOPIC,
        MACHINERY,
        KAMELET
    }

    static YamlFile of(Path path) {
        try {
            String text = Files.readString(path);
            return new YamlFile(path, kind(path), text, YamlNode.parse(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<YamlFile> in(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(camel|kamelet)\\.yaml"))
                    .sorted()
                    .map(YamlFile::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file's name without its ending. */
    String name() {
        return fileName().replaceFirst("\\.(camel|kamelet)\\.yaml$", "");
    }

    String fileName() {
        return path.getFileName().toString();
    }

    String folder() {
        return path.toAbsolutePath().getParent().getFileName().toString();
    }

    /** The routes, configurations and templates in it. */
    List<YamlNode> definitions() {
        return kind == Kind.KAMELET
                ? List.of()
                : root.children().stream()
                        .flatMap(item -> item.children().stream())
                        .toList();
    }

    List<YamlNode> routes() {
        return definitions().stream()
                .flatMap(definition -> definition.key().equals("routeTemplate")
                        ? definition.get("route").stream()
                        : Stream.of(definition))
                .filter(definition -> definition.key().equals("route"))
                .toList();
    }

    /** Every step that sends to an endpoint, and every start of a route. */
    List<YamlNode> endpoints() {
        return root.all("uri")
                .filter(uri -> uri.text() != null && !isKameletDocumentation(uri))
                .map(YamlNode::parent)
                .toList();
    }

    private boolean isKameletDocumentation(YamlNode node) {
        return kind == Kind.KAMELET
                && root.get("spec", "definition").stream()
                        .anyMatch(definition -> definition.all().anyMatch(node::equals));
    }

    private static Kind kind(Path path) {
        if (path.toString().endsWith(".kamelet.yaml")) {
            return Kind.KAMELET;
        }
        return path.toAbsolutePath().getParent().endsWith("dispatcher") ? Kind.MACHINERY : Kind.TOPIC;
    }
}
