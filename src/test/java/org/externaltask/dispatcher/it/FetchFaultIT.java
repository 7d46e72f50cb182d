package org.externaltask.dispatcher.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.it.RawEngine.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthEndpoint;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What a dispatcher makes of everything that may come back in place of tasks. Whatever it was, the next task is done. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.NONE,
        properties = {"spring.rabbitmq.port=1", "spring.lifecycle.timeout-per-shutdown-phase=1s"})
@DirtiesContext
@ExtendWith(OutputCaptureExtension.class)
@Tag("any-engine")
class FetchFaultIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String DEFAULT = "default";

    /** Engines that fall ill once and stay so, so that their pauses disturb no other test. */
    private static final List<String> ILL = List.of("unknown-user", "no-permission", "busy", "silent");

    @TempDir
    static Path routes;

    private static RawEngine engine;

    private final MeterRegistry meters;
    private final HealthEndpoint health;

    FetchFaultIT(@Autowired MeterRegistry meters, @Autowired HealthEndpoint health) {
        this.meters = meters;
        this.health = health;
    }

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) throws IOException {
        engine = new RawEngine();
        properties.add("etd.routes", () -> "file:" + routes);
        Stream.concat(Stream.of(DEFAULT), ILL.stream()).forEach(name -> {
            topic(name);
            properties.add("etd.engines." + name + ".base-url", () -> engine.baseUrl(name));
            properties.add("etd.engines." + name + ".async-response-timeout", () -> "300ms");
            properties.add("etd.engines." + name + ".response-timeout", () -> "2s");
            properties.add("etd.engines." + name + ".max-tasks", () -> "5");
        });
        topic("small");
        properties.add("etd.engines.small.base-url", () -> engine.baseUrl("small"));
        properties.add("etd.engines.small.async-response-timeout", () -> "300ms");
        properties.add("etd.engines.small.max-response-bytes", () -> "10000");
        topic("nowhere");
        properties.add("etd.engines.nowhere.base-url", () -> "http://engine.invalid/engine-rest");
        topic("unknown-client");
        engine.everyFetch(
                "tokens",
                RawEngine.status(
                        "401 Unauthorized", "application/json", "{\"error\": \"invalid_client\"}".getBytes(UTF_8)));
        properties.add("etd.engines.unknown-client.base-url", () -> engine.baseUrl("unknown-client"));
        properties.add("etd.engines.unknown-client.authentication.oauth2.token-uri", FetchFaultIT::tokenUri);
        properties.add("etd.engines.unknown-client.authentication.oauth2.client-id", () -> "etd");
        properties.add("etd.engines.unknown-client.authentication.oauth2.client-secret", () -> "cl1ent-s3cret");
        properties.add("etd.engines.no-permission.authentication.username", () -> "etd");
        properties.add("etd.engines.no-permission.authentication.password", () -> "pa55word");
    }

    @AfterAll
    static void close() throws IOException {
        engine.close();
    }

    static Stream<Arguments> noTasks() {
        return Stream.of(
                arguments("a list without tasks", RawEngine.json("[]")),
                arguments("one that begins with a byte order mark", RawEngine.json("\ufeff[]")),
                arguments("one in UTF-16", RawEngine.body("application/json", "[ ]".getBytes(UTF_16LE))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("noTasks")
    void an_answer_without_tasks_is_no_reason_to_worry(String name, Answer answer) {
        double faults = faults(DEFAULT, "unreachable");

        engine.nextFetch(DEFAULT, answer);

        theNextTaskIsDone();
        assertThat(faults(DEFAULT, "unreachable")).isEqualTo(faults);
    }

    static Stream<Arguments> malformed() throws IOException {
        String task = task("never-started", "");
        String noList = "expected a list of tasks (does etd.engines.default.base-url point at the engine's REST API?)";
        return Stream.of(
                arguments(
                        "an object",
                        json("{\"type\": \"RestException\", \"message\": \"boom\"}"),
                        "a JSON object; " + noList),
                arguments("null", json("null"), "nothing; " + noList),
                arguments("a number", json("42"), "a JSON number; " + noList),
                arguments("a text", json("\"\""), "a JSON string; " + noList),
                arguments("an empty body", json(""), "nothing; " + noList),
                arguments("204", RawEngine.raw("HTTP/1.1 204 No Content\r\n\r\n"), "nothing; " + noList),
                arguments(
                        "a page of a proxy",
                        RawEngine.body("text/html", "<p>Sign in</p>".getBytes(UTF_8)),
                        "answered 200 with text/html, expected JSON"),
                arguments(
                        "a page of a proxy that says 502",
                        RawEngine.status("502 Bad Gateway", "text/html", "<p>Bad gateway</p>".getBytes(UTF_8)),
                        "answered 502"),
                arguments("half a list", json("[" + task + ", {\"id\": \"t"), "invalid JSON"),
                arguments("something after the list", json("[" + task + "] xx"), "invalid JSON"),
                arguments(
                        "bytes that are no UTF-8",
                        RawEngine.body(
                                "application/json",
                                ("[" + task.replace("K-1", "\u00e4\u00f6") + "]").getBytes(ISO_8859_1)),
                        "invalid JSON"),
                arguments("1001 levels", json("[".repeat(1001) + "]".repeat(1001)), "invalid JSON"),
                arguments(
                        "a text of more than 20 million characters",
                        json("[" + task.replace("K-1", "x".repeat(20_000_001)) + "]"),
                        "invalid JSON"),
                arguments("200 MB", megabytes(200), "more than 20971520 bytes"),
                arguments("200 MB that are not announced", endless(), "more than 20971520 bytes"),
                arguments(
                        "plain text that is announced as gzip",
                        RawEngine.body(
                                "application/json", ("[" + task + "]").getBytes(UTF_8), "Content-Encoding: gzip"),
                        "fetchAndLock on engine default"),
                arguments(
                        "gzip that is announced as plain text",
                        RawEngine.body("application/json", gzip("[" + task + "]")),
                        "invalid JSON"),
                arguments("fewer bytes than announced", announced("[" + task + "]", 10), "was broken off"),
                arguments("more bytes than announced", announced("[" + task + "]", -10), "invalid JSON"),
                arguments("chunks without end", chunksWithoutEnd(), "did not answer within"),
                arguments("no HTTP", RawEngine.raw("220 smtp.example.org ESMTP\r\n"), "fetchAndLock on engine default"),
                arguments("nothing at all", RawEngine.raw(""), "was broken off"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void an_answer_that_is_no_list_of_tasks_brings_none_and_a_pause(
            String name, Answer answer, String problem, CapturedOutput log) {
        double faults = faults(DEFAULT, "unreachable");

        engine.nextFetch(DEFAULT, answer);

        await().atMost(SOON).until(() -> faults(DEFAULT, "unreachable") > faults);
        theNextTaskIsDone();
        assertThat(log).contains("engine default does not answer fetches").contains(problem);
        assertThat(engine.asked("/default/external-task/never-started/complete"))
                .isZero();
    }

    static Stream<Arguments> odd() {
        return Stream.of(
                arguments("a key twice", "\"retries\": 1, \"retries\": 2"),
                arguments("a lock that is over", "\"lockExpirationTime\": \"2001-01-01T00:00:00.000+0000\""),
                arguments("a lock without a readable end", "\"lockExpirationTime\": \"soon\""),
                arguments("no retries", "\"retries\": null"),
                arguments("0 retries", "\"retries\": 0"),
                arguments("less than 0 retries", "\"retries\": -1"),
                arguments("retries as text", "\"retries\": \"3\""),
                arguments("variables of null", "\"variables\": null"),
                arguments("a business key of null", "\"businessKey\": null"),
                arguments("an emoji as business key", "\"businessKey\": \"\ud83d\ude00\""),
                arguments("a business key of two lines", "\"businessKey\": \"B\\r\\nX-Admin: true\""),
                arguments("no tenant", "\"tenantId\": null"),
                arguments("fields that nobody knows", "\"novelty\": {\"a\": [1]}, \"topicname\": \"svc_Other\""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("odd")
    void a_task_with_odd_fields_is_done(String name, String fields) {
        String id = "t-" + UUID.randomUUID();

        engine.nextFetch(DEFAULT, json("[" + task(id, ", " + fields) + "]"));

        awaitAsked(id, "complete");
        theNextTaskIsDone();
    }

    @Test
    void a_task_without_variables_is_done() {
        engine.nextFetch(DEFAULT, json("[{\"id\": \"bare\", \"topicName\": \"svc_Default\"}]"));

        awaitAsked("bare", "complete");
    }

    @Test
    void a_task_that_comes_twice_in_one_answer_is_done_once() {
        engine.nextFetch(DEFAULT, json("[" + task("twin", "") + ", " + task("twin", "") + "]"));

        awaitAsked("twin", "complete");
        theNextTaskIsDone();
        assertThat(engine.asked("/default/external-task/twin/complete")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"svc_Unknown\"", "null", "7"})
    void a_task_that_nobody_asked_for_is_given_back(String topic) {
        String id = "t-" + UUID.randomUUID();

        engine.nextFetch(DEFAULT, json("[{\"id\": \"" + id + "\", \"topicName\": " + topic + "}]"));

        awaitAsked(id, "unlock");
        theNextTaskIsDone();
    }

    @Test
    void a_task_that_is_locked_for_somebody_else_is_left_to_them() {
        engine.nextFetch(DEFAULT, json("[" + task("foreign", ", \"workerId\": \"somebody-else\"") + "]"));

        theNextTaskIsDone();
        assertThat(engine.asked()).noneMatch(call -> call.path().contains("/foreign/"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"id\": null, ",
                "\"id\": \"\", ",
                "\"id\": \"..\", ",
                "\"id\": \"t/../../message\", ",
                "\"id\": {}, "
            })
    void a_task_without_a_usable_id_is_not_begun_and_the_others_are_done(String id, CapturedOutput log) {
        String other = "t-" + UUID.randomUUID();

        engine.nextFetch(DEFAULT, json("[{" + id + "\"topicName\": \"svc_Default\"}, " + task(other, "") + "]"));

        awaitAsked(other, "complete");
        theNextTaskIsDone();
        assertThat(log)
                .containsOnlyOnce(
                        "engine default sent a task without a usable id; it is ignored and its lock will expire")
                .doesNotContain("could not be reported");
    }

    @Test
    void of_more_tasks_than_were_asked_for_the_rest_is_left_to_the_end_of_their_locks(CapturedOutput log) {
        engine.nextFetch(
                DEFAULT,
                json(IntStream.range(0, 10_000)
                        .mapToObj(i -> task("many-" + i, ""))
                        .collect(Collectors.joining(", ", "[", "]"))));

        IntStream.range(0, 5).forEach(i -> awaitAsked("many-" + i, "complete"));
        theNextTaskIsDone();
        assertThat(engine.asked().stream().filter(call -> call.path().contains("/many-")))
                .hasSize(5);
        assertThat(log).contains("engine default sent 10000 tasks where 5 were asked for");
    }

    @Test
    void of_tasks_that_are_too_large_together_fewer_are_asked_for_and_none_is_lost() {
        engine.nextFetch(
                "small",
                json(IntStream.range(0, 5)
                        .mapToObj(i -> largeTask("large-" + i, 4_000))
                        .collect(Collectors.joining(", ", "[", "]"))));

        await().atMost(SOON).untilAsserted(() -> IntStream.range(0, 3)
                .forEach(i -> assertThat(engine.asked("/small/external-task/large-" + i + "/unlock"))
                        .isEqualTo(1)));
        engine.nextFetch("small", json("[" + largeTask("large-0", 4_000) + ", " + largeTask("large-1", 4_000) + "]"));
        await().atMost(SOON).untilAsserted(() -> IntStream.range(0, 2)
                .forEach(i -> assertThat(engine.asked("/small/external-task/large-" + i + "/complete"))
                        .isEqualTo(1)));
        RawEngine.Asked last = engine.asked().stream()
                .filter(call -> call.path().equals("/small/external-task/fetchAndLock"))
                .reduce((first, second) -> second)
                .orElseThrow();
        assertThat(last.body()).contains("\"maxTasks\":2");
        assertThat(reason("small")).isEqualTo("answers");
    }

    @Test
    void a_task_that_is_too_large_by_itself_is_an_incident_that_says_what_to_do() {
        engine.nextFetch("small", json("[" + largeTask("giant", 20_000) + "]"));

        String failure = "/small/external-task/giant/failure";
        await().atMost(SOON).until(() -> engine.asked(failure) == 1);
        assertThat(engine.asked().stream().filter(call -> call.path().equals(failure)))
                .singleElement()
                .satisfies(
                        call -> assertThat(call.body())
                                .contains("\"retries\":0")
                                .contains(
                                        "list fewer in `variables` of the topic, or raise etd.engines.small.max-response-bytes"));
        engine.nextFetch("small", json("[" + largeTask("ordinary", 10) + "]"));
        await().atMost(SOON).until(() -> engine.asked("/small/external-task/ordinary/complete") == 1);
    }

    @Test
    void an_engine_that_refuses_our_credentials_is_asked_once_a_minute_and_the_error_says_what_to_mend(
            CapturedOutput log) {
        isLeftAlone("unknown-user", RawEngine.status("401 Unauthorized", "text/html", new byte[0]), "unauthorised");

        assertThat(log)
                .contains("engine unknown-user refuses fetches: POST /external-task/fetchAndLock on engine unknown-user"
                        + " answered 401 without credentials: correct etd.engines.unknown-user.authentication."
                        + " Trying again every minute")
                .contains("ERROR");
    }

    @Test
    void an_engine_whose_token_server_does_not_know_us_is_asked_once_a_minute_and_its_health_says_what_to_mend() {
        await().atMost(SOON).until(() -> faults("unknown-client", "unauthorised") == 1);

        await().during(Duration.ofSeconds(2)).atMost(SOON).until(() -> faults("unknown-client", "unauthorised") == 1);
        assertThat(engine.asked("/unknown-client/external-task/fetchAndLock")).isZero();
        assertThat(reason("unknown-client"))
                .asString()
                .contains("was not sent: the token endpoint " + tokenUri() + " answered 401 (invalid_client):"
                        + " correct etd.engines.unknown-client.authentication.oauth2.client-id and client-secret")
                .doesNotContain("cl1ent-s3cret");
    }

    @Test
    void an_engine_that_lacks_a_permission_for_us_is_asked_once_a_minute_and_the_error_names_user_and_permission(
            CapturedOutput log) {
        isLeftAlone(
                "no-permission",
                RawEngine.status("403 Forbidden", "application/json", "{\"type\": \"x\"}".getBytes(UTF_8)),
                "unauthorised");

        assertThat(log)
                .contains("answered 403 with user etd: grant READ and UPDATE on PROCESS_INSTANCE")
                .doesNotContain("pa55word");
    }

    @Test
    void an_engine_that_is_too_busy_is_left_alone_for_as_long_as_it_says_but_a_minute_at_most(CapturedOutput log) {
        isLeftAlone(
                "busy",
                RawEngine.status("503 Service Unavailable", "text/html", new byte[0], "Retry-After: 999999"),
                "throttled");

        assertThat(log).contains("engine busy asks to be left alone");
    }

    static Stream<Arguments> throttled() {
        byte[] tooMany = "{\"type\": \"InvalidRequestException\", \"message\": \"too many requests\"}".getBytes(UTF_8);
        return Stream.of(
                arguments(
                        "429",
                        RawEngine.status("429 Too Many Requests", "text/html", tooMany, "Retry-After: 1"),
                        1_000),
                arguments("503", RawEngine.status("503 Busy", "text/html", tooMany, "Retry-After: 1"), 1_000),
                arguments("500", RawEngine.status("500 Oops", "application/json", tooMany), 400));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("throttled")
    void an_engine_that_is_too_busy_is_asked_again_when_it_says(String name, Answer answer, long leastMillis) {
        double throttled = faults(DEFAULT, "throttled");
        AtomicLong answered = new AtomicLong();

        engine.nextFetch(DEFAULT, client -> {
            answered.set(System.nanoTime());
            answer.send(client);
        });

        theNextTaskIsDone();
        assertThat(faults(DEFAULT, "throttled")).isEqualTo(throttled + 1);
        long again = engine.asked().stream()
                .filter(call -> call.path().equals("/default/external-task/fetchAndLock"))
                .mapToLong(RawEngine.Asked::nanos)
                .filter(nanos -> nanos > answered.get())
                .min()
                .orElseThrow();
        assertThat(Duration.ofNanos(again - answered.get())).isGreaterThanOrEqualTo(Duration.ofMillis(leastMillis));
    }

    @Test
    void an_engine_that_accepts_and_stays_silent_is_left_when_its_time_is_over_and_so_is_the_connection() {
        AtomicInteger dropped = new AtomicInteger();

        engine.everyFetch("silent", client -> {
            try {
                assertThat(client.getInputStream().read()).isNegative();
            } catch (SocketException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
            dropped.incrementAndGet();
        });

        await().atMost(SOON).until(() -> dropped.get() >= 2);
        assertThat(reason("silent"))
                .isEqualTo("POST /external-task/fetchAndLock on engine silent did not answer within 2300 ms");
    }

    @Test
    void an_engine_whose_name_nobody_knows_is_down_and_says_so() {
        await().atMost(SOON).untilAsserted(() -> assertThat(reason("nowhere"))
                .isEqualTo("POST /external-task/fetchAndLock on engine nowhere could not be reached: unknown host"));
        assertThat(health.healthForPath("readiness").getStatus().getCode()).isEqualTo("DOWN");
        assertThat(health.healthForPath("liveness").getStatus().getCode()).isEqualTo("UP");
        theNextTaskIsDone();
    }

    private void isLeftAlone(String name, Answer answer, String fault) {
        String fetch = "/" + name + "/external-task/fetchAndLock";
        engine.everyFetch(name, answer);
        await().atMost(SOON).until(() -> faults(name, fault) == 1);
        long asked = engine.asked(fetch);

        await().during(Duration.ofSeconds(2)).atMost(SOON).until(() -> engine.asked(fetch) == asked);
        theNextTaskIsDone();
    }

    /** A path whose answers can be set. */
    private static String tokenUri() {
        return engine.baseUrl("tokens") + "/token/fetchAndLock";
    }

    private Object reason(String name) {
        return ((Health) health.healthForPath("engines")).getDetails().get(name);
    }

    private static void topic(String engine) {
        String name = "svc_"
                + Stream.of(engine.split("-"))
                        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                        .collect(Collectors.joining());
        try {
            Files.writeString(
                    Files.createDirectories(routes.resolve("service")).resolve(name + ".camel.yaml"),
                    """
                    # Says what it got.
                    - route:
                        id: %s
                        from:
                          uri: external-task:%s
                          parameters:
                            engine: %s
                            variables: key
                          steps:
                            - transform:
                                expression:
                                  jq:
                                    expression: "{ seen: .key }"
                    """.formatted(name, name, engine));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String task(String id, String fields) {
        return "{\"id\": \"%s\", \"topicName\": \"svc_Default\", \"variables\": {\"key\": {\"type\": \"String\", \"value\": \"K-1\"}}%s}"
                .formatted(id, fields);
    }

    private static String largeTask(String id, int size) {
        return task(id, "").replace("svc_Default", "svc_Small").replace("K-1", "x".repeat(size));
    }

    private void theNextTaskIsDone() {
        String id = "next-" + UUID.randomUUID();
        engine.nextFetch(DEFAULT, json("[" + task(id, "") + "]"));
        awaitAsked(id, "complete");
    }

    private static void awaitAsked(String id, String call) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> assertThat(
                        engine.asked("/default/external-task/" + id + "/" + call))
                .isEqualTo(1));
    }

    private double faults(String name, String fault) {
        Counter counter = meters.find("etd.engine.faults")
                .tags("engine", name, "fault", fault)
                .counter();
        return counter == null ? 0 : counter.count();
    }

    private static Answer json(String body) {
        return RawEngine.json(body);
    }

    private static Answer announced(String body, int more) {
        return RawEngine.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(body.length() + more, body));
    }

    private static Answer megabytes(int count) {
        return client -> {
            OutputStream out = client.getOutputStream();
            out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                    .formatted(count * 1024 * 1024)
                    .getBytes(ISO_8859_1));
            for (int i = 0; i < count; i++) {
                out.write(new byte[1024 * 1024]);
            }
        };
    }

    private static Answer endless() {
        return client -> {
            OutputStream out = client.getOutputStream();
            out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".getBytes(ISO_8859_1));
            for (int i = 0; i < 200; i++) {
                out.write(new byte[1024 * 1024]);
            }
        };
    }

    private static Answer chunksWithoutEnd() {
        return client -> {
            OutputStream out = client.getOutputStream();
            out.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n"
                            .getBytes(ISO_8859_1));
            while (true) {
                out.write("1\r\n \r\n".getBytes(ISO_8859_1));
                out.flush();
            }
        };
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }
}
