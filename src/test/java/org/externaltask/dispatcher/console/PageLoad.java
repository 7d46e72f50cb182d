package org.externaltask.dispatcher.console;

import java.util.List;
import java.util.Map;

/**
 * How a page came, as the browser saw it.
 *
 * @param files how many, the page itself included
 * @param bytes of them all over the line, with their heads
 * @param millis until all of them were there
 * @param millisToFigures until the first figures were there
 * @param elsewhere what came from another server
 */
record PageLoad(long files, long bytes, long millis, long millisToFigures, List<String> elsewhere) {

    private static final String SCRIPT = """
            const [page] = performance.getEntriesByType('navigation');
            const all = performance.getEntriesByType('resource');
            const files = [page, ...all.filter(({ name }) => !name.includes('/actuator/'))];
            const figures = all.find(({ name }) => name.endsWith('/actuator/etd'));
            return {
              files: files.length,
              bytes: files.reduce((sum, { transferSize }) => sum + transferSize, 0),
              millis: Math.round(page.loadEventEnd),
              figures: Math.round(figures.responseEnd),
              elsewhere: all.map(({ name }) => name).filter((name) => new URL(name).origin !== location.origin),
            };
            """;

    static PageLoad of(Browser browser) {
        Map<?, ?> seen = (Map<?, ?>) browser.driver().executeScript(SCRIPT);
        return new PageLoad(
                (long) seen.get("files"),
                (long) seen.get("bytes"),
                (long) seen.get("millis"),
                (long) seen.get("figures"),
                ((List<?>) seen.get("elsewhere")).stream().map(String::valueOf).toList());
    }
}
