package org.externaltask.dispatcher.console;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.model.ModelCamelContext;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.Sandbox;
import org.externaltask.dispatcher.sandbox.SandboxSettings;
import org.openqa.selenium.By;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.util.FileSystemUtils;

/**
 * The day that docs/operating.md tells of: in the sandbox something is broken, seen on the page, mended, and replayed there; and the
 * figures of the page are those of the engine. Needs a folder for topic files, and one for pictures.
 */
final class DayOfTrouble {

    private static final Duration SOON = Duration.ofMinutes(3);
    private static final Path ROUTES = Path.of("src/main/resources/routes");
    private static final String CUSTOMERS = "svc_GetCustomerDetails";
    private static final String ARTICLES = "svc_CheckInventory";

    private final Browser browser;
    private final Path topics;
    private final Path pictures;
    private final List<String> started = new ArrayList<>();
    private EngineClient engine;
    private URI page;
    private int placed;

    DayOfTrouble(Browser browser, Path topics, Path pictures) {
        this.browser = browser;
        this.topics = topics;
        this.pictures = pictures;
    }

    void live() throws IOException {
        for (String folder : List.of("service", "send", "receive", "usertask")) {
            FileSystemUtils.copyRecursively(ROUTES.resolve(folder), topics.resolve(folder));
        }
        try (Sandbox sandbox = Sandbox.start(SandboxSettings.forTests(), "--etd.routes=file:" + topics)) {
            engine = sandbox.engine().client();
            page = sandbox.console();
            allIsWell();
            theGatewayIsDown(sandbox);
            aPathIsWrong(sandbox);
            messagesArePoisonous(sandbox);
        }
    }

    private void allIsWell() {
        orders(11);
        awaitEnded();
        browser.open(page);
        browser.awaitText("All is well", "fetched");
        picture("operating-well", 560);
    }

    private void theGatewayIsDown(Sandbox sandbox) {
        StubMapping away = sandbox.gateway()
                .wireMock()
                .stubFor(any(anyUrl()).atPriority(1).willReturn(aResponse().withStatus(503)));
        orders(20);
        browser.awaitText("Gateway default is away", "What to do:", "circuit open");
        picture("operating-gateway", 590);

        sandbox.gateway().wireMock().removeStub(away);
        awaitEnded();
        browser.awaitNoText("Gateway default is away");
        agree(CUSTOMERS);
        assertThat(figure("Open incidents")).as("nobody has to replay anything").isZero();
    }

    private void aPathIsWrong(Sandbox sandbox) throws IOException {
        edit(sandbox, "/articles/", "/articels/");
        for (int i = 1; i <= 12; i++) {
            started.add(
                    engine.startProcess("order-management", "M-" + i, Map.of("article", "A-" + i % 3, "quantity", 1)));
        }
        browser.open(page);
        browser.awaitText("12 incidents in " + ARTICLES);
        browser.click(By.xpath("//li[contains(., '12 incidents in')]//a[contains(., 'Look')]"));
        browser.awaitText("12 incidents, as the engine says.", "answered 404", "What to do:");
        picture("operating-path", 760);
        agree(ARTICLES);
        assertThat(figure("Open incidents"))
                .isEqualTo(count("/incident/count?incidentType=failedExternalTask"))
                .isEqualTo(count("/external-task/count?noRetriesLeft=true"))
                .isEqualTo(12);

        edit(sandbox, "/articels/", "/articles/");
        browser.press("Replay all");
        browser.awaitText("Replay 12 incidents of " + ARTICLES + "?");
        picture("operating-replay", 760);
        browser.press("Replay 12 incidents");
        browser.awaitText("12 tasks of " + ARTICLES + " have one try again.");
        awaitEnded();
        browser.awaitText("No incidents");
        agree(ARTICLES);
        assertThat(count("/incident/count")).isZero();
    }

    private void messagesArePoisonous(Sandbox sandbox) {
        RabbitTemplate orderSystem = new RabbitTemplate(sandbox.dispatcher().getBean(ConnectionFactory.class));
        for (String body : List.of("O-1001 received", "[\"O-1001\"]")) {
            orderSystem.send(
                    "orders",
                    "order.received",
                    new Message(body.getBytes(StandardCharsets.UTF_8), new MessageProperties()));
        }
        browser.open(page);
        browser.awaitText("2 messages parked");
        browser.click(By.xpath("//li[contains(., '2 messages parked')]//a[contains(., 'Look')]"));
        browser.awaitText("the body is not JSON", "2 messages");
        picture("operating-parked", 400);

        choose("1 of 2 messages chosen");
        browser.press("Redrive the chosen");
        browser.press("Redrive 1 message");
        browser.awaitText("1 message sent back to [msg_OrderReceived].");
        Counter parked = sandbox.dispatcher()
                .getBean(MeterRegistry.class)
                .get("etd.messages")
                .tags("queue", "msg_OrderReceived", "outcome", "parked")
                .counter();
        await("nobody has mended it, so it is parked again").atMost(SOON).until(() -> parked.count() == 3);

        browser.driver().navigate().refresh();
        choose("2 of 2 messages chosen");
        browser.press("Discard the chosen");
        browser.press("Discard 2 messages");
        browser.awaitText("2 messages discarded.", "Nothing is parked");
        browser.open(page);
        browser.awaitNoText("messages parked in");
    }

    /** Ticks one message after the other, until the page says this. */
    private void choose(String enough) {
        await().atMost(SOON).ignoreExceptions().until(() -> {
            if (browser.text().contains(enough)) {
                return true;
            }
            browser.driver()
                    .findElement(By.cssSelector("input[type=checkbox]:not(:checked)"))
                    .click();
            return browser.text().contains(enough);
        });
    }

    /** The page and the history of the engine count the same. */
    private void agree(String topic) {
        browser.open(page.resolve("#/topics/default/" + topic));
        String log = "/history/external-task-log/count?topicName=" + topic;
        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
            assertThat(figure("Since start: failed")).isEqualTo(count(log + "&failureLog=true"));
            assertThat(figure("Since start: completed")).isEqualTo(count(log + "&successLog=true"));
        });
    }

    /** A figure of the page; what has not happened yet is not there. */
    private long figure(String name) {
        return browser
                .driver()
                .findElements(By.xpath("//dt[normalize-space(.) = '%s']/following-sibling::dd".formatted(name)))
                .stream()
                .mapToLong(value -> Long.parseLong(value.getText()))
                .findFirst()
                .orElse(0);
    }

    private long count(String path) {
        return engine.get(path).path("count").asLong();
    }

    private void orders(int howMany) {
        for (int i = 0; i < howMany; i++) {
            String number = "O-" + (1001 + placed);
            started.add(engine.startProcess(
                    "order-handling",
                    number,
                    Map.of("orderNumber", number, "customerNumber", "C-" + (1 + placed % 3))));
            placed++;
        }
    }

    private void awaitEnded() {
        await().atMost(SOON).until(() -> started.stream().allMatch(instance -> engine.isEnded(instance)));
        started.clear();
    }

    /** Saves the topic file, and waits until it is live. */
    private void edit(Sandbox sandbox, String before, String after) throws IOException {
        Path file = topics.resolve("service").resolve(ARTICLES + ".camel.yaml");
        Files.writeString(file, Files.readString(file).replace(before, after));
        ModelCamelContext camel = sandbox.dispatcher().getBean(ModelCamelContext.class);
        String path = after.replace("/", "");
        await().atMost(SOON).until(() -> camel.getRouteDefinitions().stream()
                .filter(route -> route.getRouteId().startsWith(ARTICLES))
                .allMatch(route -> route.toString().contains(path)));
    }

    private void picture(String name, int height) {
        browser.screen(1280, height, false);
        browser.picture(pictures.resolve(name + ".png"));
        browser.screen(1280, 800, false);
    }
}
