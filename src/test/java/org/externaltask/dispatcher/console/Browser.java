package org.externaltask.dispatcher.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.springframework.util.FileSystemUtils;

/**
 * A headless Chromium, as Debian's packages chromium and chromium-driver have it. Without it, tests are skipped, unless
 * {@code ETD_TEST_REQUIRE_BROWSER=true} makes its absence a failure.
 */
final class Browser implements AutoCloseable {

    private static final Duration SOON = Duration.ofSeconds(60);

    private final Path profile;
    private final ChromeDriver driver;

    private Browser(Path profile, ChromeDriver driver) {
        this.profile = profile;
        this.driver = driver;
    }

    static Browser required() {
        File chromium = onPath("chromium");
        File chromeDriver = onPath("chromedriver");
        if (chromium == null || chromeDriver == null) {
            String message =
                    "no chromium and chromedriver on the path; on Debian: apt-get install chromium chromium-driver";
            return Boolean.parseBoolean(System.getenv("ETD_TEST_REQUIRE_BROWSER")) ? fail(message) : abort(message);
        }
        Path profile = emptyFolder();
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium);
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--window-size=1280,800",
                "--user-data-dir=" + profile);
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        return new Browser(
                profile,
                new ChromeDriver(
                        new ChromeDriverService.Builder()
                                .usingDriverExecutable(chromeDriver)
                                .usingAnyFreePort()
                                .build(),
                        options));
    }

    ChromeDriver driver() {
        return driver;
    }

    void open(URI page) {
        driver.get(page.toString());
    }

    /** The screen of a phone or of a laptop, and whether its user likes it dark. */
    void screen(int width, int height, boolean dark) {
        metrics(width, height, 1, width < 500);
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    /** A sheet for something that is drawn, with twice as many dots as it has on a screen. */
    void sheet(int width, int height) {
        metrics(width, height, 2, false);
    }

    private void metrics(int width, int height, int scale, boolean mobile) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", scale, "mobile", mobile));
    }

    String text() {
        return driver.findElement(By.tagName("body")).getText();
    }

    void awaitText(String... parts) {
        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> assertThat(text())
                .contains(parts));
    }

    void awaitNoText(String part) {
        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> assertThat(text())
                .doesNotContain(part));
    }

    /** Clicks what matches, when it is there. The page is drawn anew every two seconds, so what was found may just be gone. */
    void click(By what) {
        await().atMost(SOON).ignoreExceptions().until(() -> {
            driver.findElement(what).click();
            return true;
        });
    }

    /** A button by its words, in the open dialog if there is one. */
    void press(String words) {
        click(By.xpath("//button[contains(normalize-space(.), '%s')]".formatted(words)));
    }

    void keys(CharSequence... keys) {
        new Actions(driver).sendKeys(keys).perform();
    }

    /** Goes on with the tab key to the element whose text begins like this, as somebody without a mouse does. */
    void tabTo(String text) {
        for (int i = 0; i < 80; i++) {
            keys(Keys.TAB);
            if (focused().strip().startsWith(text)) {
                return;
            }
        }
        fail("the tab key leads to no '" + text + "'");
    }

    String focused() {
        WebElement element = driver.switchTo().activeElement();
        return String.valueOf(driver.executeScript("return arguments[0].innerText", element))
                .replaceAll("\\s+", " ");
    }

    boolean scrollsSideways() {
        return (Boolean) driver.executeScript(
                "return document.documentElement.scrollWidth > document.documentElement.clientWidth");
    }

    /** What axe finds wrong for people who use a page in another way: rule, help, and where. */
    List<?> accessibilityViolations() {
        driver.executeScript(script("/axe.min.js"));
        return (List<?>) driver.executeAsyncScript("const done = arguments[arguments.length - 1];"
                + "axe.run(document).then(result => done(result.violations.map(v =>"
                + " `${v.id}: ${v.help}: ${v.nodes.map(node => node.html).join(' ').slice(0, 600)}`)))");
    }

    /** What the console of the browser has had to say since it was last asked; what the policy blocked is there too. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    void picture(Path file) {
        byte[] png = driver.getScreenshotAs(OutputType.BYTES);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        driver.quit();
        FileSystemUtils.deleteRecursively(profile);
    }

    private static File onPath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> new File(folder, program))
                .filter(File::canExecute)
                .findFirst()
                .orElse(null);
    }

    private static Path emptyFolder() {
        try {
            return Files.createTempDirectory("browser");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String script(String resource) {
        try (InputStream stream = Browser.class.getResourceAsStream(resource)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
