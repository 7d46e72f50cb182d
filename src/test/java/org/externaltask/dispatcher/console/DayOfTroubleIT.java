package org.externaltask.dispatcher.console;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/operating.md says of a day of trouble is still so. */
class DayOfTroubleIT {

    @Test
    void what_is_broken_is_found_on_the_page_mended_and_replayed_there(@TempDir Path topics) throws IOException {
        try (Browser browser = Browser.required()) {
            new DayOfTrouble(browser, topics, Path.of("target", "console")).live();
        }
    }
}
