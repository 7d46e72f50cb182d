package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.Warehouse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthEndpoint;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What docs/metrics.md, the alarms and the dashboard say of the metrics, held against a dispatcher that has orders to work on. */
@SpringBootTest(classes = DispatcherApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@AutoConfigureObservability(tracing = false)
@DirtiesContext
class MetricsIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(etd\\.[a-z.]+)` \\| ([^|]*)\\|");
    private static final Pattern IN_SOURCE = Pattern.compile("\"(etd\\.[a-z.]+)\"");
    private static final Pattern METRIC = Pattern.compile("\\b((?:etd|resilience4j)_[a-z_0-9]+)\\b");

    /** Where meters are made; elsewhere, texts that begin alike are keys of the configuration. */
    private static final Pattern MAKES_METERS = Pattern.compile("MeterRegistry");

    private static Warehouse warehouse;

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final MeterRegistry meters;
    private final HealthEndpoint health;

    @LocalServerPort
    private int port;

    MetricsIT(@Autowired MeterRegistry meters, @Autowired HealthEndpoint health) {
        this.meters = meters;
        this.health = health;
    }

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @BeforeAll
    static void open() {
        warehouse = Warehouse.open(Surroundings.BROKER.port());
    }

    @AfterAll
    static void close() {
        warehouse.close();
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    @Test
    void the_documentation_has_every_metric_with_its_tags_and_no_other() throws IOException {
        work();
        Map<String, Set<String>> documented = documented();

        assertThat(documented.keySet()).isEqualTo(inSource());
        assertThat(registered()).isNotEmpty().allSatisfy((name, tags) -> assertThat(documented)
                .containsEntry(name, tags));
        assertThat(registered().keySet())
                .contains(
                        "etd.task",
                        "etd.tasks",
                        "etd.task.failures",
                        "etd.lease.left",
                        "etd.fetch",
                        "etd.fetch.size",
                        "etd.fetch.age",
                        "etd.permits.used",
                        "etd.permits.free",
                        "etd.heartbeats",
                        "etd.gateway",
                        "etd.publish",
                        "etd.messages",
                        "etd.messages.waiting",
                        "etd.message.lag",
                        "etd.message.attempts",
                        "etd.parked");
    }

    @Test
    void every_metric_that_an_alarm_or_the_dashboard_asks_for_is_there() throws Exception {
        work();
        Set<String> asked = new TreeSet<>();
        for (String file : List.of("prometheus/rules.yml", "grafana/dashboards/etd.json")) {
            METRIC.matcher(Files.readString(Path.of("deploy").resolve(file)))
                    .results()
                    .forEach(found -> asked.add(found.group(1)));
        }

        assertThat(asked).hasSizeGreaterThan(15);
        assertThat(scraped()).containsAll(asked);
    }

    @Test
    void a_task_is_timed_once_and_its_age_and_the_rest_of_its_lock_are_known() {
        work();

        assertThat(meters.get("etd.task")
                        .tags("topic", "svc_GetCustomerDetails", "outcome", "completed")
                        .timer()
                        .count())
                .isEqualTo((long) meters.get("etd.tasks")
                        .tags("topic", "svc_GetCustomerDetails", "outcome", "completed")
                        .counter()
                        .count());
        assertThat(meters.get("etd.lease.left")
                        .tag("topic", "svc_GetCustomerDetails")
                        .summary()
                        .mean())
                .isBetween(0.5, 1.0);
        assertThat(meters.get("etd.fetch.age")
                        .tag("topic", "svc_GetCustomerDetails")
                        .timer()
                        .count())
                .isPositive();
        assertThat(meters.get("etd.permits.free")
                        .tag("topic", "svc_GetCustomerDetails")
                        .gauge()
                        .value())
                .isEqualTo(16);
    }

    @Test
    void each_topic_queue_and_gateway_has_a_health_item_with_what_was_last_seen_of_it() {
        work();

        assertThat(item("topics", "default/svc_GetCustomerDetails"))
                .containsEntry("status", "UP")
                .containsEntry("lastError", "gateway default: 503")
                .containsKeys("lastSuccess", "lastErrorAt", "lastPollSecondsAgo");
        assertThat(item("gateways", "default"))
                .containsEntry("circuit", "disabled")
                .containsEntry("lastError", "HttpCallFailed")
                .containsKeys("lastSuccess", "lastErrorAt");
        assertThat(((Health) health.healthForPath("queues")).getDetails().values())
                .anySatisfy(queue -> assertThat(queue).asInstanceOf(MAP).containsKey("lastSuccess"));
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> item(String indicator, String name) {
        return (Map<String, Object>)
                ((Health) health.healthForPath(indicator)).getDetails().get(name);
    }

    /** An order that ends, and one whose task fails. */
    private void work() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
        String order = start("C-1");
        await().atMost(SOON).until(() -> engine.endEvent(order).isPresent());
        Surroundings.GATEWAY
                .wireMock()
                .stubFor(any(anyUrl()).willReturn(aResponse().withStatus(503)));
        double before = failures();
        String failing = start("C-2");
        await().atMost(SOON).until(() -> failures() > before);
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
        engine.cancel(failing);
        await().atMost(SOON)
                .until(() -> meters.get("etd.permits.used").gauges().stream().allMatch(gauge -> gauge.value() == 0));
    }

    private double failures() {
        return meters.get("etd.tasks")
                .tags("topic", "svc_GetCustomerDetails", "outcome", "failure")
                .counter()
                .count();
    }

    private String start(String customerNumber) {
        String orderNumber = "O-" + UUID.randomUUID();
        return engine.startProcess(
                "order-handling", orderNumber, Map.of("orderNumber", orderNumber, "customerNumber", customerNumber));
    }

    private Map<String, Set<String>> registered() {
        Map<String, Set<String>> registered = new TreeMap<>();
        for (Meter meter : meters.getMeters()) {
            if (meter.getId().getName().startsWith("etd.")) {
                registered.put(
                        meter.getId().getName(),
                        meter.getId().getTags().stream()
                                .map(Tag::getKey)
                                .filter(key -> !key.equals("le") && !key.equals("phi"))
                                .collect(Collectors.toCollection(TreeSet::new)));
            }
        }
        return registered;
    }

    private static Map<String, Set<String>> documented() throws IOException {
        Map<String, Set<String>> documented = new TreeMap<>();
        for (MatchResult row : ROW.matcher(Files.readString(Path.of("docs/metrics.md")))
                .results()
                .toList()) {
            documented.put(
                    row.group(1),
                    Stream.of(row.group(2).split(","))
                            .map(tag -> tag.replace("`", "").trim())
                            .filter(tag -> !tag.isEmpty())
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        return documented;
    }

    private static Set<String> inSource() throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String text = Files.readString(file);
                if (MAKES_METERS.matcher(text).find()) {
                    IN_SOURCE.matcher(text).results().forEach(name -> names.add(name.group(1)));
                }
            }
        }
        return names;
    }

    private Set<String> scraped() throws Exception {
        String scrape = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/prometheus"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        return METRIC.matcher(
                        scrape.lines().filter(line -> !line.startsWith("#")).collect(Collectors.joining("\n")))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }
}
