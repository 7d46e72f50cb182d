package org.externaltask.dispatcher.reload;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceHelper;

/**
 * A topic file as it was read; two are equal when nothing in them has changed.
 *
 * @param location where it is, as Camel names it: {@code file:/some/dir/svc_X.camel.yaml}
 * @param content its text; null when it could not be read
 */
record TopicFile(String location, String content) {

    static final String SUFFIX = ".camel.yaml";

    /** Reads a file; empty when it has just gone away. */
    static Optional<TopicFile> of(Path file) {
        String location = "file:" + file.toString().replace(File.separatorChar, '/');
        try {
            return Optional.of(new TopicFile(location, new String(Files.readAllBytes(file), StandardCharsets.UTF_8)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new TopicFile(location, null));
        }
    }

    /** The file's name without its ending, which is the id that its route must have. */
    String name() {
        String fileName = location.substring(location.lastIndexOf('/') + 1);
        return fileName.substring(0, fileName.length() - SUFFIX.length());
    }

    /** Where the file is, as a person would say it. */
    String path() {
        return location.startsWith("file:") ? location.substring("file:".length()) : location;
    }

    /** The text that was read rather than the file, so that what was checked is what is loaded. */
    Resource resource() {
        return ResourceHelper.fromString(location, content);
    }

    /** Leaves the text out, because records are printed in error messages. */
    @Override
    public String toString() {
        return path();
    }
}
