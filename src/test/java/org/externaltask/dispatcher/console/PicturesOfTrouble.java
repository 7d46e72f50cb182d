package org.externaltask.dispatcher.console;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Makes the other pictures of {@code docs/images}; a class of its own, because an engine that follows another in one JVM holds no polls. */
class PicturesOfTrouble {

    @Test
    void of_a_day_of_trouble(@TempDir Path topics) throws IOException {
        try (Browser browser = Browser.required()) {
            new DayOfTrouble(browser, topics, Pictures.IMAGES).live();
        }
    }
}
