package org.externaltask.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Folders with many topic files. */
final class Topics {

    private Topics() {}

    static String row(int topics) {
        return String.format(Locale.ROOT, topics == 1 ? "%,d topic" : "%,d topics", topics);
    }

    static int number(String row) {
        return Integer.parseInt(row.substring(0, row.indexOf(' ')).replace(",", ""));
    }

    /** A folder with as many copies of the route that maps, each with a topic of its own. */
    static String folder(int topics) throws IOException {
        String topic = Work.MAPS.topic();
        String route = Files.readString(Path.of(Work.MAPS.routes(), topic + ".camel.yaml"));
        Path folder = Home.of("results/topics-" + topics);
        Files.createDirectories(folder);
        for (int i = 0; i < topics; i++) {
            Files.writeString(folder.resolve(topic + i + ".camel.yaml"), route.replace(topic, topic + i));
        }
        return folder.toString();
    }
}
