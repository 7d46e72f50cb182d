package org.externaltask.dispatcher.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.externaltask.dispatcher.security.GuardedDispatcher.basic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** Where users are configured, everything but the state of health wants one of them, and what changes something an operator. */
@ExtendWith(OutputCaptureExtension.class)
class LoginTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String OPERATOR = basic("olga", "olgas-password");
    private static final String VIEWER = basic("victor", "victors-password");
    private static final List<String> CHANGES = List.of("POST", "PUT", "PATCH", "DELETE");

    private static GuardedDispatcher dispatcher;

    @BeforeAll
    static void start() {
        dispatcher = GuardedDispatcher.start(
                "--etd.console.users.olga.password={bcrypt}" + new BCryptPasswordEncoder(4).encode("olgas-password"),
                "--etd.console.users.olga.role=operator",
                "--etd.console.users.victor.password={noop}victors-password",
                "--etd.console.users.paula.password=paulas-password",
                "--server.forward-headers-strategy=native", // so that a test can come from elsewhere
                "--management.endpoints.web.exposure.include=*");
    }

    @AfterAll
    static void stop() {
        dispatcher.close();
    }

    @Test
    void nothing_below_actuator_is_told_to_somebody_who_has_not_logged_in_but_the_state_of_health() throws Exception {
        assertThat(links()).hasSizeGreaterThan(10).anyMatch(link -> link.endsWith("/parked"));
        for (String path : links()) {
            for (String method : List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")) {
                HttpResponse<String> answer = dispatcher.send(method, path, "GET".equals(method) ? null : "{}");
                if (path.startsWith("/actuator/health")) {
                    assertThat(answer.statusCode())
                            .as("%s %s", method, path)
                            .isIn(Set.of(200, 503, 404, 405)); // no details, and nothing to change
                    assertThat(answer.body()).doesNotContain("components", "details");
                } else {
                    assertThat(answer.statusCode()).as("%s %s", method, path).isEqualTo(401);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/session",
                "/login/x",
                "/actuator",
                "/actuator/",
                "/actuator/info",
                "/actuator/prometheus",
                "/actuator/env/PATH",
                "/actuator/loggers/root",
                "/actuator/healthy",
                "/actuator/nothing",
                "/ACTUATOR/env",
                "/actuator/health/../env",
                "/actuator/health/%2e%2e/env",
                "/actuator/health/..;/env",
                "/actuator/health;/../env",
                "/actuator/health/%2F../env",
                "/actuator/env;/health",
                "/actuator/etd/",
                "/actuator/etd/;x",
                "/actuator/etd;x/",
                "/actuator/%65td",
                "/actuator%2Fetd",
                "/%61ctuator/etd",
                "/actuator/etd%00",
                "/index.html",
                "/login.css/../index.html",
                "/login/..%2Findex.html",
                "/login/../actuator/env",
                "/login.css/../actuator/env",
                "//actuator/env",
                "/./actuator/env"
            })
    void no_other_way_to_write_an_address_leads_around_the_login(String path) throws Exception {
        String answer = dispatcher.sendRaw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        assertThat(answer).matches("HTTP/1.1 (400|401|404) .*");
    }

    @Test
    void the_page_and_its_files_want_a_login_but_what_the_login_page_is_made_of() throws Exception {
        Path files = Path.of("src/main/resources/static");
        List<String> paths;
        try (Stream<Path> walk = Files.walk(files)) {
            paths = walk.filter(Files::isRegularFile)
                    .map(file -> "/" + files.relativize(file).toString().replace('\\', '/'))
                    .filter(path -> !Set.of("/login.css", "/favicon.svg", "/favicon.ico")
                            .contains(path))
                    .toList();
        }

        assertThat(paths).contains("/index.html");
        for (String path : paths) {
            assertThat(dispatcher.send("GET", path, null).statusCode()).as(path).isEqualTo(401);
            assertThat(dispatcher.send("HEAD", path, null).statusCode())
                    .as(path)
                    .isEqualTo(401);
            assertThat(status("GET", path, VIEWER)).as(path).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"})
    void no_unusual_method_leads_around_the_login(String method) throws Exception {
        String answer =
                dispatcher.sendRaw(method + " /actuator/env HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        assertThat(answer).matches("HTTP/1.1 (400|401|403|405|501) .*");
    }

    @Test
    void a_viewer_looks_at_everything_and_changes_nothing() throws Exception {
        for (String path : links()) {
            if (!path.contains("dump")) { // possible, and large
                assertThat(status("GET", path, VIEWER)).as("GET %s", path).isNotIn(401, 403);
            }
            for (String method : CHANGES) {
                assertThat(status(method, path, VIEWER))
                        .as("%s %s", method, path)
                        .isEqualTo(path.startsWith("/actuator/health") ? 405 : 403);
            }
        }
        assertThat(status("POST", "/actuator/etd/topics/default/svc_X/pause", VIEWER))
                .isEqualTo(403);
        assertThat(status("POST", "/actuator/nothing", VIEWER)).isEqualTo(403);
    }

    @Test
    void an_operator_changes_things_and_it_is_written_down(CapturedOutput output) throws Exception {
        HttpResponse<String> answer = dispatcher.send(
                "POST",
                "/actuator/loggers/some.logger%0Aforged",
                "{\"configuredLevel\": \"WARN\"}",
                "Authorization",
                OPERATOR,
                "Content-Type",
                "application/json");

        assertThat(answer.statusCode()).isEqualTo(400); // Spring's firewall takes no line breaks at all
        assertThat(status("POST", "/actuator/loggers/some.logger", OPERATOR, "{\"configuredLevel\": \"WARN\"}"))
                .isEqualTo(204);
        assertThat(output)
                .containsPattern(
                        "etd.audit +: olga from 127.0.0.1: write loggers \\{configuredLevel=WARN, name=some.logger} -> done\n");
    }

    @ParameterizedTest
    @CsvSource({
        "topics/default/svc_X/pause, 404",
        "topics/default/svc_X/resume, 404",
        "topics/default/svc_X/replay, 404",
        "topics/default/svc_X/tasks/1/unlock, 404",
        "parked/redrive, 503",
        "parked/discard, 400"
    })
    void actions_of_the_console_are_for_operators(String action, int withoutRouteAndBroker) throws Exception {
        assertThat(status("POST", "/actuator/etd/" + action, VIEWER, "{}")).isEqualTo(403);
        assertThat(status("POST", "/actuator/etd/" + action, OPERATOR, "{}")).isEqualTo(withoutRouteAndBroker);
    }

    @Test
    void what_is_refused_is_written_down(CapturedOutput output) throws Exception {
        status("POST", "/actuator/loggers/some.logger", VIEWER, "{\"configuredLevel\": \"WARN\"}");

        assertThat(output)
                .contains(
                        "victor from 127.0.0.1: POST /actuator/loggers/some.logger -> refused: Only users with the role"
                                + " operator may do this.");
    }

    @Test
    void details_of_the_health_are_for_those_who_have_logged_in() throws Exception {
        assertThat(dispatcher.send("GET", "/actuator/health", null).body())
                .isEqualTo("{\"status\":\"DOWN\",\"groups\":[\"liveness\",\"readiness\"]}");
        assertThat(dispatcher.send("GET", "/actuator/health/liveness", null).statusCode())
                .isEqualTo(200);
        assertThat(dispatcher
                        .send("GET", "/actuator/health", null, "Authorization", VIEWER)
                        .body())
                .contains("\"engines\"", "\"gateways\"");
    }

    @Test
    void a_program_gets_a_problem_and_no_page() throws Exception {
        HttpResponse<String> answer = dispatcher.send("GET", "/actuator/info", null);

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Basic realm=\"etd\", charset=\"UTF-8\"");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json;charset=UTF-8");
        assertThat(MAPPER.readTree(answer.body()).path("detail").asText()).startsWith("Log in");
        assertThat(answer.headers().map()).doesNotContainKey("Set-Cookie");

        // A script of the page must not make the browser ask by itself.
        assertThat(dispatcher
                        .send("GET", "/actuator/info", null, "X-Requested-With", "XMLHttpRequest")
                        .headers()
                        .firstValue("WWW-Authenticate"))
                .hasValue("Form realm=\"etd\"");
    }

    @Test
    void whether_there_is_a_user_of_that_name_cannot_be_told() throws Exception {
        HttpResponse<String> unknown =
                dispatcher.send("GET", "/actuator/info", null, "Authorization", basic("nobody", "some-password"));
        HttpResponse<String> wrong =
                dispatcher.send("GET", "/actuator/info", null, "Authorization", basic("olga", "some-password"));

        assertThat(unknown.statusCode()).isEqualTo(401).isEqualTo(wrong.statusCode());
        assertThat(unknown.body()).isEqualTo(wrong.body()).contains("User name or password is wrong.");
    }

    @Test
    void people_log_in_with_a_form_and_are_an_operator_for_as_long_as_the_page_is_theirs() throws Exception {
        HttpResponse<String> asked = dispatcher.send("GET", "/", null, "Accept", "text/html,*/*");
        assertThat(asked.statusCode()).isEqualTo(302);
        assertThat(location(asked)).isEqualTo("/login");

        Person person = new Person().opensLogin();
        HttpResponse<String> in = person.logsIn("olga", "olgas-password");
        assertThat(location(in)).isEqualTo("/");
        assertThat(cookie(in, "ETD-SESSION")).contains("HttpOnly").contains("SameSite=Strict");

        person.session = value(cookie(in, "ETD-SESSION"));
        person.token = null; // the login has taken it back
        HttpResponse<String> page = dispatcher.send(
                "GET", "/session", null, "Cookie", person.cookies(), "X-Requested-With", "XMLHttpRequest");
        assertThat(MAPPER.readTree(page.body()))
                .isEqualTo(MAPPER.readTree("{\"user\": \"olga\", \"role\": \"operator\", \"login\": true}"));
        person.token = value(cookie(page, "XSRF-TOKEN"));
        assertThat(cookie(page, "XSRF-TOKEN")).contains("SameSite=Strict").doesNotContain("HttpOnly");

        assertThat(person.changes("X-XSRF-TOKEN", person.token).statusCode()).isEqualTo(204);

        HttpResponse<String> forged = person.changes("Origin", "https://evil.example");
        assertThat(forged.statusCode()).isEqualTo(403);
        assertThat(forged.body()).contains("does not come from a page of this dispatcher");
        assertThat(person.changes("X-XSRF-TOKEN", "guessed").statusCode()).isEqualTo(403);

        for (String site : List.of("cross-site", "same-site")) { // another port of this host can plant a cookie
            assertThat(person.changes("X-XSRF-TOKEN", person.token, "Sec-Fetch-Site", site)
                            .statusCode())
                    .isEqualTo(403);
        }
        assertThat(person.changes("X-XSRF-TOKEN", person.token, "Sec-Fetch-Site", "same-origin")
                        .statusCode())
                .isEqualTo(204);

        HttpResponse<String> out = dispatcher.send(
                "POST", "/logout", "", "Cookie", person.cookies(), "X-XSRF-TOKEN", person.token, "Accept", "text/html");
        assertThat(location(out)).isEqualTo("/login?ended");
        assertThat(dispatcher
                        .send("GET", "/session", null, "Cookie", person.cookies())
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void a_wrong_password_in_the_form_is_told_and_the_session_of_before_is_of_no_use_after() throws Exception {
        Person person = new Person().opensLogin();
        assertThat(location(person.logsIn("olga", "wrong-password"))).isEqualTo("/login?wrong");
        assertThat(dispatcher
                        .send("GET", "/login?wrong", null, "Accept", "text/html")
                        .body())
                .contains("User name or password is wrong.");

        person.session = "0123456789ABCDEF0123456789ABCDEF"; // planted by somebody who waits for the login
        HttpResponse<String> in = person.logsIn("olga", "olgas-password");
        assertThat(value(cookie(in, "ETD-SESSION"))).isNotEqualTo(person.session);
    }

    @Test
    void a_browser_that_remembers_basic_credentials_cannot_be_misled_either() throws Exception {
        HttpResponse<String> forged = dispatcher.send(
                "POST",
                "/actuator/loggers/some.logger",
                "{\"configuredLevel\": \"WARN\"}",
                "Authorization",
                OPERATOR,
                "Content-Type",
                "application/json",
                "Origin",
                "https://evil.example");

        assertThat(forged.statusCode()).isEqualTo(403);
    }

    @Test
    void the_login_page_needs_nothing_from_anywhere_else() throws Exception {
        HttpResponse<String> page = dispatcher.send("GET", "/login", null, "Accept", "text/html");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).doesNotContain("http://", "https://", "<script", "style=", "{{");
        Matcher parts = Pattern.compile("(?:href|src)=\"([^\"]+)\"").matcher(page.body());
        List<String> found = new ArrayList<>();
        while (parts.find()) {
            found.add(parts.group(1));
            assertThat(dispatcher.send("GET", parts.group(1), null).statusCode())
                    .as(parts.group(1))
                    .isEqualTo(200);
        }
        assertThat(found).contains("/login.css");
        HttpResponse<String> style = dispatcher.send("GET", "/login.css", null);
        assertThat(style.headers().firstValue("Cache-Control")).hasValue("no-cache");
        assertThat(dispatcher
                        .send(
                                "GET",
                                "/login.css",
                                null,
                                "If-Modified-Since",
                                style.headers().firstValue("Last-Modified").orElseThrow())
                        .statusCode())
                .as("the browser need not load again what it has")
                .isEqualTo(304);
    }

    @Test
    void every_answer_has_the_headers_that_keep_browsers_safe() throws Exception {
        for (String path : List.of("/login", "/actuator/health", "/actuator/info", "/nothing")) {
            HttpResponse<String> answer = dispatcher.send(
                    "GET",
                    path,
                    null,
                    "Authorization",
                    VIEWER,
                    "X-Forwarded-Proto",
                    "https",
                    "X-Forwarded-For",
                    "10.0.0.9");

            assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                    .as(path)
                    .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe", "http", "*");
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(answer.headers().firstValue("X-Frame-Options")).hasValue("DENY");
            assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("same-origin");
            assertThat(answer.headers().firstValue("Cache-Control").orElse("")).contains("no-store");
            assertThat(answer.headers().firstValue("Strict-Transport-Security").orElse(""))
                    .contains("max-age=");
        }
        assertThat(dispatcher.send("GET", "/login", null).headers().firstValue("Strict-Transport-Security"))
                .isEmpty(); // means nothing without TLS
    }

    @Test
    void whoever_tries_passwords_has_to_wait_while_others_go_on(CapturedOutput output) throws Exception {
        for (int i = 0; i < LoginAttempts.FROM_ONE_ADDRESS; i++) {
            assertThat(from("10.0.0.1", basic("olga\r\nforged", "guess-" + i)).statusCode())
                    .isEqualTo(401);
        }

        HttpResponse<String> late = from("10.0.0.1", OPERATOR);
        assertThat(late.statusCode()).isEqualTo(429);
        assertThat(late.headers().firstValue("Retry-After")).hasValue("60");
        assertThat(late.body()).contains("Too many logins have failed");
        assertThat(from("10.0.0.2", OPERATOR).statusCode()).isEqualTo(200);
        assertThat(output).contains("olga forged from 10.0.0.1: login -> refused: user name or password is wrong");

        Person person = new Person().opensLogin();
        HttpResponse<String> form = dispatcher.send(
                "POST",
                "/login",
                "username=olga&password=olgas-password&_csrf=" + person.formToken,
                "Content-Type",
                "application/x-www-form-urlencoded",
                "Cookie",
                person.cookies(),
                "X-Forwarded-For",
                "10.0.0.1");
        assertThat(location(form)).isEqualTo("/login?later");
    }

    @Test
    void a_password_from_a_mounted_file_needs_nothing_before_it() throws Exception {
        assertThat(status("GET", "/actuator/info", basic("paula", "paulas-password")))
                .isEqualTo(200);
        assertThat(status("POST", "/actuator/info", basic("paula", "paulas-password")))
                .as("a viewer, as nothing else was said")
                .isEqualTo(403);
    }

    private static HttpResponse<String> from(String address, String authorization) throws Exception {
        return dispatcher.send(
                "GET", "/actuator/info", null, "Authorization", authorization, "X-Forwarded-For", address);
    }

    private static int status(String method, String path, String authorization) throws Exception {
        return status(method, path, authorization, "GET".equals(method) ? null : "{}");
    }

    private static int status(String method, String path, String authorization, String body) throws Exception {
        return dispatcher
                .send(method, path, body, "Authorization", authorization, "Content-Type", "application/json")
                .statusCode();
    }

    /** All that is below {@code /actuator}, with something in place of the variable parts. */
    private static List<String> links() throws Exception {
        JsonNode links = MAPPER.readTree(dispatcher
                        .send("GET", "/actuator", null, "Authorization", VIEWER)
                        .body())
                .path("_links");
        return StreamSupport.stream(links.spliterator(), false)
                .map(link -> link.path("href").asText().replaceAll("\\{[^}]*}", "x"))
                .map(href -> URI.create(href).getPath())
                .toList();
    }

    private static String location(HttpResponse<String> answer) {
        return answer.headers()
                .firstValue("Location")
                .map(location -> location.replaceFirst("^http://[^/]*", ""))
                .orElse("");
    }

    private static String cookie(HttpResponse<String> answer, String name) {
        return answer.headers().allValues("Set-Cookie").stream()
                .filter(cookie -> cookie.startsWith(name + "=") && !cookie.startsWith(name + "=;"))
                .findFirst()
                .orElse("");
    }

    private static String value(String cookie) {
        return cookie.replaceFirst("^[^=]*=", "").replaceFirst(";.*", "");
    }

    /** Somebody with a browser, who keeps the cookies. */
    private static final class Person {

        private static final Pattern FORM_TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

        private String token;
        private String formToken;
        private String session;

        Person opensLogin() throws Exception {
            HttpResponse<String> page = dispatcher.send("GET", "/login", null, "Accept", "text/html");
            token = value(cookie(page, "XSRF-TOKEN"));
            Matcher inForm = FORM_TOKEN.matcher(page.body());
            assertThat(inForm.find()).isTrue();
            formToken = inForm.group(1);
            return this;
        }

        HttpResponse<String> logsIn(String user, String password) throws Exception {
            return dispatcher.send(
                    "POST",
                    "/login",
                    "username=" + user + "&password=" + password + "&_csrf=" + formToken,
                    "Content-Type",
                    "application/x-www-form-urlencoded",
                    "Cookie",
                    cookies());
        }

        HttpResponse<String> changes(String... more) throws Exception {
            return dispatcher.send(
                    "POST",
                    "/actuator/loggers/some.logger",
                    "{\"configuredLevel\": \"WARN\"}",
                    Stream.concat(Stream.of("Content-Type", "application/json", "Cookie", cookies()), Stream.of(more))
                            .toArray(String[]::new));
        }

        String cookies() {
            return (token == null ? "" : "XSRF-TOKEN=" + token + "; ")
                    + (session == null ? "" : "ETD-SESSION=" + session);
        }
    }
}
