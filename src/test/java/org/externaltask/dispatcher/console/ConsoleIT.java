package org.externaltask.dispatcher.console;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.Sandbox;
import org.externaltask.dispatcher.sandbox.SandboxSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The console in a real browser, on a real dispatcher with an engine, a gateway and a broker. */
class ConsoleIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Path SEEN = Path.of("target", "console");
    private static final String TOPIC = "svc_GetCustomerDetails";
    private static final String HOSTILE = "<img src=x onerror=\"document.title='run'\">";

    private static Sandbox sandbox;
    private static EngineClient engine;
    private static Browser browser;
    private static URI page;

    @BeforeAll
    static void open() {
        browser = Browser.required();
        sandbox = Sandbox.start(
                SandboxSettings.forTests(),
                "--etd.console.users.olga.password={noop}olgas-password",
                "--etd.console.users.olga.role=operator",
                "--etd.console.users.victor.password={noop}victors-password");
        engine = sandbox.engine().client();
        page = sandbox.console();
        logIn("olga");
    }

    @AfterAll
    static void close() throws IOException {
        if (browser != null) {
            browser.close();
        }
        if (sandbox != null) {
            sandbox.close();
        }
    }

    @AfterEach
    void nothing_was_blocked_and_no_script_failed() {
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void a_task_is_seen_going_through() {
        browser.screen(1280, 800, false);
        String order = start("C-1", "O-" + UUID.randomUUID());
        await().atMost(SOON).until(() -> engine.isEnded(order));

        browser.open(page);
        browser.awaitText("External Task Dispatcher", TOPIC, "fetched", "Looks up the customer behind an order.");
        browser.open(page.resolve("#/topics/default/" + TOPIC));
        browser.awaitText(
                "completed", engine.processInstance(order).path("businessKey").asText());
    }

    @Test
    void the_page_is_there_soon_and_light_and_comes_from_the_dispatcher_alone() throws IOException {
        browser.screen(1280, 800, false);
        browser.driver().executeCdpCommand("Network.clearBrowserCache", Map.of());
        browser.open(page);
        browser.awaitText(TOPIC);

        PageLoad load = PageLoad.of(browser);
        Files.createDirectories(SEEN);
        Files.writeString(SEEN.resolve("page-load.txt"), load.toString());
        assertThat(load.elsewhere()).isEmpty();
        assertThat(load.bytes())
                .as("bytes that came over the line, heads included: %s", load)
                .isLessThan(75_000);
        assertThat(load.millisToFigures()).as("%s", load).isLessThan(10_000);
    }

    @Test
    void a_gateway_that_is_away_is_the_first_thing_to_see_with_what_to_do_and_goes_when_it_is_back() {
        browser.screen(1280, 800, false);
        browser.open(page);
        browser.awaitText(TOPIC);
        StubMapping away = sandbox.gateway()
                .wireMock()
                .stubFor(any(anyUrl()).atPriority(1).willReturn(aResponse().withStatus(503)));
        try {
            for (int i = 0; i < 15; i++) {
                start("C-1", "O-" + UUID.randomUUID());
            }
            browser.awaitText("Gateway default is away", "1 topic waits for it", "What to do:", "circuit open");
            assertThat(browser.text()).as("one cause is told once").doesNotContain(TOPIC + " failed");
            picture("gateway-away");
            browser.screen(390, 844, true);
            picture("gateway-away-phone");
        } finally {
            sandbox.gateway().wireMock().removeStub(away);
        }
        browser.awaitNoText("Gateway default is away");
    }

    @Test
    void an_operator_replays_an_incident_and_its_instance_ends() {
        browser.screen(1280, 800, false);
        StubMapping refusing = refuse("C-2");
        String order = start("C-2", "O-" + UUID.randomUUID());
        try {
            await().atMost(SOON).until(() -> !engine.incidents(order).isEmpty());
        } finally {
            sandbox.gateway().wireMock().removeStub(refusing);
        }
        browser.open(page);
        browser.awaitText("1 incident in " + TOPIC);

        browser.press("Replay …");
        browser.awaitText("Replay 1 incident of " + TOPIC + "?");
        browser.press("Replay 1 incident");

        browser.awaitText("1 task of " + TOPIC + " has one try again.");
        await().atMost(SOON).until(() -> engine.isEnded(order));
        browser.awaitNoText("1 incident in " + TOPIC);
    }

    @Test
    void an_operator_unlocks_a_task_whose_call_hangs() {
        browser.screen(1280, 800, false);
        StubMapping hanging = sandbox.gateway()
                .wireMock()
                .stubFor(get("/customers/C-8")
                        .atPriority(1)
                        .willReturn(aResponse().withStatus(404).withFixedDelay(8_000)));
        String order = start("C-8", "O-hangs");
        browser.open(page.resolve("#/topics/default/" + TOPIC));
        browser.awaitText("Locked tasks", "O-hangs", "this dispatcher");
        picture("locked");

        browser.press("Unlock …");
        browser.awaitText("Unlock this task?");
        browser.press("Unlock the task");

        browser.awaitText("is unlocked;");
        sandbox.gateway().wireMock().removeStub(hanging);
        await().atMost(SOON).until(() -> engine.isEnded(order));
        browser.awaitText("None: nobody works on a task of this topic");
    }

    @Test
    void a_user_task_has_a_view_of_its_own_without_what_it_does_not_have() {
        browser.screen(1280, 800, false);
        browser.open(page.resolve("#/topics/default/usr_ApproveRequest"));

        browser.awaitText("usr_ApproveRequest", "stays in the engine until somebody completes it");
        assertThat(browser.text()).doesNotContain("Incidents", "Activity");
    }

    @Test
    void an_operator_pauses_a_topic_and_resumes_it() {
        browser.screen(1280, 800, false);
        browser.open(page.resolve("#/topics/default/" + TOPIC));
        browser.awaitText("Activity");

        browser.press("Pause …");
        browser.press("Pause the topic");
        browser.awaitText("an operator has paused it");
        String order = start("C-1", "O-" + UUID.randomUUID());
        await().during(Duration.ofSeconds(3)).atMost(SOON).until(() -> !engine.isEnded(order));

        browser.press("Resume …");
        browser.press("Resume the topic");
        await().atMost(SOON).until(() -> engine.isEnded(order));
        browser.awaitNoText("an operator has paused it");
    }

    @Test
    void a_viewer_sees_everything_and_can_do_nothing() {
        browser.screen(1280, 800, false);
        browser.open(page);
        browser.press("Log out");
        browser.awaitText("User name");
        picture("login");
        assertThat(browser.accessibilityViolations()).as("the login page").isEmpty();
        logIn("victor");
        browser.awaitText("victor (viewer: read only)", TOPIC);
        assertThat(browser.driver().findElements(By.xpath("//button[contains(., 'Pause')]")))
                .isNotEmpty()
                .noneMatch(WebElement::isEnabled)
                .allMatch(button -> "Needs the role operator".equals(button.getDomAttribute("title")));

        browser.press("Log out");
        logIn("olga");
        browser.awaitText("olga", TOPIC);
        assertThat(browser.complaints())
                .as("the page may have asked once more, just after its session ended")
                .allMatch(complaint -> complaint.contains("401"));
    }

    @Test
    void what_others_wrote_is_shown_as_text() {
        browser.screen(1280, 800, false);
        String order = start("C-400", HOSTILE);
        StubMapping refusing = refuse("C-400");
        try {
            await().atMost(SOON).until(() -> !engine.incidents(order).isEmpty());
            browser.open(page.resolve("#/topics/default/" + TOPIC));
            browser.awaitText(HOSTILE, "incident");
            assertThat(browser.driver().getTitle()).isEqualTo("External Task Dispatcher");
        } finally {
            sandbox.gateway().wireMock().removeStub(refusing);
            engine.cancel(order);
        }
    }

    @Test
    void everything_can_be_reached_by_keyboard() {
        browser.screen(1280, 800, false);
        browser.open(page);
        browser.awaitText(TOPIC);

        browser.keys(Keys.TAB);
        assertThat(browser.focused()).isEqualTo("Skip to the content");
        browser.tabTo(TOPIC);
        browser.keys(Keys.ENTER);
        browser.awaitText("Overview", "Activity");
        assertThat(browser.focused())
                .as("the focus is at the head of the new view")
                .isEqualTo(TOPIC);

        browser.tabTo("Pause");
        browser.keys(Keys.ENTER);
        browser.awaitText("Pause " + TOPIC + "?");
        assertThat(browser.focused()).as("the harmless button has the focus").isEqualTo("Cancel");
        browser.keys(Keys.ESCAPE);
        browser.awaitNoText("Pause " + TOPIC + "?");
        assertThat(browser.focused()).as("the focus is back where it was").startsWith("Pause");
    }

    @Test
    void a_phone_shows_it_without_scrolling_sideways() {
        browser.screen(390, 844, false);
        browser.open(page);
        browser.awaitText(TOPIC);
        assertThat(browser.scrollsSideways()).isFalse();
        browser.open(page.resolve("#/topics/default/" + TOPIC));
        browser.awaitText("Activity");
        assertThat(browser.scrollsSideways()).isFalse();
    }

    @Test
    void axe_finds_nothing_wrong_in_light_and_dark_on_a_laptop_and_on_a_phone() {
        String order = start("C-1", "O-" + UUID.randomUUID());
        await().atMost(SOON).until(() -> engine.isEnded(order));
        for (boolean dark : new boolean[] {false, true}) {
            for (int width : new int[] {1280, 390}) {
                browser.screen(width, 844, dark);
                for (String view : new String[] {"#/", "#/topics/default/" + TOPIC, "#/parked"}) {
                    browser.open(page.resolve(view));
                    browser.awaitText(
                            switch (view) {
                                case "#/" -> "Inbound queues";
                                case "#/parked" -> "Nothing is parked";
                                default -> "completed";
                            });
                    picture("%s-%d-%s".formatted(view.replaceAll("\\W+", ""), width, dark ? "dark" : "light"));
                    assertThat(browser.scrollsSideways()).isFalse();
                    assertThat(browser.accessibilityViolations())
                            .as("%s, %d wide, %s", view, width, dark ? "dark" : "light")
                            .isEmpty();
                }
            }
        }
    }

    private static void logIn(String user) {
        browser.open(page.resolve("login"));
        browser.awaitText("User name");
        browser.driver().findElement(By.id("username")).sendKeys(user);
        browser.driver().findElement(By.id("password")).sendKeys(user + "s-password", Keys.ENTER);
        browser.awaitText("Log out");
    }

    /** For whoever wants to see what a test saw. */
    private static void picture(String name) {
        browser.picture(SEEN.resolve(name + ".png"));
    }

    private static StubMapping refuse(String customer) {
        return sandbox.gateway()
                .wireMock()
                .stubFor(get("/customers/" + customer)
                        .atPriority(1)
                        .willReturn(aResponse().withStatus(400)));
    }

    private static String start(String customer, String businessKey) {
        return engine.startProcess(
                "order-handling", businessKey, Map.of("orderNumber", businessKey, "customerNumber", customer));
    }
}
