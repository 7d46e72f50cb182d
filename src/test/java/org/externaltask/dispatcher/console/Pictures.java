package org.externaltask.dispatcher.console;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.WireMock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.Sandbox;
import org.externaltask.dispatcher.sandbox.SandboxSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Makes the pictures of {@code docs/images}: {@code mvn verify -DskipUnitTests -Dit.test=Pictures}. */
class Pictures {

    private static final Path IMAGES = Path.of("docs", "images");
    private static final Duration SOON = Duration.ofMinutes(3);

    private int placed;

    @Test
    void of_the_processes() throws IOException {
        try (Browser browser = Browser.required();
                Stream<Path> processes = Files.list(Path.of("bpmn"))) {
            for (Path bpmn : processes.sorted().toList()) {
                ProcessDrawing.show(browser, bpmn);
                take(browser, bpmn.getFileName().toString().replace(".bpmn", ""));
            }
        }
    }

    @Test
    void of_the_console() throws IOException {
        try (Browser browser = Browser.required();
                Sandbox sandbox = Sandbox.start(SandboxSettings.forTests())) {
            EngineClient engine = sandbox.engine().client();
            WireMock gateway = new WireMock(sandbox.gateway().wireMock());
            URI page = sandbox.console();

            browser.screen(1280, 800, false);
            browser.open(page);
            orders(engine, 40, "C-1", "C-2", "C-3", "C-404");
            browser.awaitText("All is well", "fetched");
            take(browser, "console");

            gateway.register(
                    get("/customers/C-7").atPriority(1).willReturn(aResponse().withStatus(400)));
            orders(engine, 3, "C-7");
            browser.awaitText("3 incidents in svc_GetCustomerDetails");
            take(browser, "console-problem");

            browser.open(page.resolve("#/topics/default/svc_GetCustomerDetails"));
            browser.awaitText("Activity", "incident");
            take(browser, "console-topic");
        }
    }

    @Test
    void of_a_day_of_trouble(@TempDir Path topics) throws IOException {
        try (Browser browser = Browser.required()) {
            new DayOfTrouble(browser, topics, IMAGES).live();
        }
    }

    private void orders(EngineClient engine, int howMany, String... customers) {
        int last = placed + howMany;
        await().pollInterval(Duration.ofMillis(800)).atMost(SOON).until(() -> {
            String number = "O-" + (1001 + placed);
            engine.startProcess(
                    "order-handling",
                    number,
                    Map.of("orderNumber", number, "customerNumber", customers[placed % customers.length]));
            placed++;
            return placed == last;
        });
    }

    private static void take(Browser browser, String name) throws IOException {
        Path file = IMAGES.resolve(name + ".png");
        browser.picture(file);
        assertThat(Files.size(file)).as(file.toString()).isLessThan(180_000);
    }
}
