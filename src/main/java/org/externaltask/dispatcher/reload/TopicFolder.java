package org.externaltask.dispatcher.reload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/** Knows where the topic files are ({@code etd.routes}) and reads them. */
@Component
class TopicFolder {

    private static final String CLASSPATH = "classpath:";
    private static final String MACHINERY = "dispatcher";
    private static final Path SOURCES = Path.of("src/main/resources/routes");

    private final String routes;

    TopicFolder(EtdProperties properties) {
        this.routes = properties.reload().enabled() ? sourcesOf(properties.routes()) : properties.routes();
    }

    /** The bundled examples are a copy that nobody edits, so whoever wants hot reload means their sources. */
    private static String sourcesOf(String routes) {
        return routes.equals("classpath:routes") && Files.isDirectory(SOURCES) ? SOURCES.toString() : routes;
    }

    /** The folder on disk, which can be watched; empty when the topic files come from the classpath. */
    Optional<Path> directory() {
        if (routes.startsWith(CLASSPATH)) {
            return Optional.empty();
        }
        String path = routes.startsWith("file:") ? routes.substring("file:".length()) : routes;
        return Optional.of(Path.of(path).toAbsolutePath().normalize());
    }

    /** All topic files, in the order of their paths. */
    List<TopicFile> read() {
        try {
            return directory().isPresent() ? fromDirectory(directory().get()) : fromClasspath();
        } catch (IOException e) {
            throw new UncheckedIOException("the topic folder " + this + " (etd.routes) cannot be read: " + e, e);
        }
    }

    private List<TopicFile> fromDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw missing(directory.toString());
        }
        List<TopicFile> files = new ArrayList<>();
        Files.walkFileTree(directory, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new Visitor(files));
        files.sort(Comparator.comparing(TopicFile::location));
        return files;
    }

    private List<TopicFile> fromClasspath() throws IOException {
        String root = routes.substring(CLASSPATH.length()).replaceAll("^/+|/+$", "");
        Resource[] found = new PathMatchingResourcePatternResolver()
                .getResources("classpath*:" + root + "/**/*" + TopicFile.SUFFIX);
        if (found.length == 0) {
            throw missing(routes);
        }
        List<TopicFile> files = new ArrayList<>();
        for (Resource resource : found) {
            String url = resource.getURL().toString();
            String path = url.substring(url.lastIndexOf("/" + root + "/") + 1);
            if (!path.startsWith(root + "/" + MACHINERY + "/")) {
                files.add(new TopicFile(CLASSPATH + path, resource.getContentAsString(StandardCharsets.UTF_8)));
            }
        }
        files.sort(Comparator.comparing(TopicFile::location));
        return files;
    }

    private static TopicFilesUnusable missing(String where) {
        return new TopicFilesUnusable(
                "The topic folder " + where + " does not exist (etd.routes).",
                "Set etd.routes (ETD_ROUTES) to the folder of your topic files, for example file:/etc/etd/routes,"
                        + " or create the folder; it may be empty.");
    }

    @Override
    public String toString() {
        return directory().map(Path::toString).orElse(routes);
    }

    /** Collects topic files; passes over the machinery and over hidden entries, which editors and Kubernetes leave behind. */
    private static final class Visitor extends SimpleFileVisitor<Path> {

        private final List<TopicFile> files;
        private Path root;

        Visitor(List<TopicFile> files) {
            this.files = files;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (root == null) {
                root = directory;
                return FileVisitResult.CONTINUE;
            }
            boolean machinery = directory.equals(root.resolve(MACHINERY));
            return machinery || hidden(directory) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(TopicFile.SUFFIX) && !hidden(file)) {
                TopicFile.of(file).ifPresent(files::add);
            }
            return FileVisitResult.CONTINUE;
        }

        /** A file may go away while the folder is being read: then it is not in it. */
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
        }

        private static boolean hidden(Path path) {
            return path.getFileName().toString().startsWith(".");
        }
    }
}
