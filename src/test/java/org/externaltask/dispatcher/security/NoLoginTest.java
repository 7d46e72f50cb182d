package org.externaltask.dispatcher.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.externaltask.dispatcher.security.GuardedDispatcher.basic;

import java.net.InetAddress;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Where no user is configured, nobody has to log in, and nobody else than this machine is let in. */
@ExtendWith(OutputCaptureExtension.class)
class NoLoginTest {

    private static final String[] CHANGE = {"Content-Type", "application/json"};
    private static final String BODY = "{\"configuredLevel\": \"WARN\"}";

    @Test
    void the_server_listens_on_this_machine_only_and_whoever_comes_from_there_is_an_operator(CapturedOutput output)
            throws Exception {
        try (GuardedDispatcher dispatcher =
                GuardedDispatcher.start("--management.endpoints.web.exposure.include=health,loggers")) {
            assertThat(dispatcher.address()).isEqualTo(InetAddress.getByName("127.0.0.1"));
            assertThat(output)
                    .contains("No login is configured, so only this machine is answered; for others set"
                            + " etd.console.users.<name>.password and .role");

            assertThat(dispatcher.send("GET", "/actuator/health", null).body()).contains("\"engines\"");
            assertThat(dispatcher.send("GET", "/session", null).body())
                    .isEqualTo("{\"user\":\"local\",\"role\":\"operator\",\"login\":false}");
            assertThat(dispatcher
                            .send("POST", "/actuator/loggers/x", BODY, CHANGE)
                            .statusCode())
                    .isEqualTo(204);
            assertThat(output).contains("local from 127.0.0.1: write loggers {configuredLevel=WARN, name=x} -> done");
            assertThat(dispatcher.send("GET", "/login", null).statusCode()).isEqualTo(303);

            // A page of somebody else, in the browser of whoever works on this machine.
            HttpResponse<String> forged = dispatcher.send(
                    "POST",
                    "/actuator/loggers/x",
                    BODY,
                    "Content-Type",
                    "application/json",
                    "Origin",
                    "https://evil.example");
            assertThat(forged.statusCode()).isEqualTo(403);

            // A name of somebody else that leads to this machine.
            assertThat(dispatcher.sendRaw("GET /session HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 403");
            assertThat(dispatcher.sendRaw("GET /session HTTP/1.1\r\nHost: localhost:80\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void a_proxy_on_this_machine_lets_nobody_else_in() throws Exception {
        try (GuardedDispatcher dispatcher = GuardedDispatcher.start("--server.forward-headers-strategy=native")) {
            HttpResponse<String> answer =
                    dispatcher.send("GET", "/actuator/health", null, "X-Forwarded-For", "192.0.2.7");

            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("No login is configured", "etd.console.users.<name>.password");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "native", "framework"})
    void what_a_client_tells_a_proxy_about_itself_is_not_believed(String strategy) throws Exception {
        try (GuardedDispatcher dispatcher = GuardedDispatcher.start("--server.forward-headers-strategy=" + strategy)) {
            for (String header : List.of(
                    "X-Forwarded-For: 127.0.0.1",
                    "X-Forwarded-For: 127.0.0.1, 10.0.0.5",
                    "X-Forwarded-For: ::1",
                    "Forwarded: for=127.0.0.1;host=localhost",
                    "X-Forwarded-Host: localhost",
                    "X-Real-IP: 127.0.0.1",
                    "Via: 1.1 proxy")) {
                assertThat(dispatcher.sendRaw("GET /session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                + header + "\r\n\r\n"))
                        .as(header)
                        .startsWith("HTTP/1.1 403");
            }
            assertThat(dispatcher.send("GET", "/session", null).statusCode())
                    .as("Tomcat's own does not tell who came without a proxy")
                    .isEqualTo(strategy.equals("native") ? 403 : 200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
    void an_address_that_others_reach_stops_start_up(String address, CapturedOutput output) {
        assertThatThrownBy(() -> GuardedDispatcher.start("--server.address=" + address));

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("server.address (" + address
                        + ") would let others than this machine reach the dispatcher, and" + " no login is configured.")
                .contains("Set etd.console.users.<name>.password and .role (ETD_CONSOLE_USERS_OPERATOR_PASSWORD in the"
                        + " environment), or leave the address away: then it is 127.0.0.1.");
    }

    @Test
    void management_on_a_port_of_its_own_is_no_way_in(CapturedOutput output) throws Exception {
        assertThatThrownBy(
                () -> GuardedDispatcher.start("--management.server.port=0", "--management.server.address=0.0.0.0"));
        assertThat(output).contains("management.server.address (0.0.0.0) would let others");

        try (GuardedDispatcher dispatcher = GuardedDispatcher.start("--management.server.port=0")) {
            assertThat(output).contains("No login is configured");
            assertThat(GuardedDispatcher.send(dispatcher.managementPort(), "GET", "/actuator/health", null)
                            .body())
                    .contains("\"engines\"");
        }
        try (GuardedDispatcher dispatcher = GuardedDispatcher.start(
                "--management.server.port=0", "--etd.console.users.victor.password=victors-password")) {
            int port = dispatcher.managementPort();
            assertThat(GuardedDispatcher.send(port, "GET", "/actuator/info", null, "Accept", "text/html")
                            .statusCode())
                    .as("there is no login page at this port")
                    .isEqualTo(401);
            assertThat(GuardedDispatcher.send(
                                    port,
                                    "GET",
                                    "/actuator/info",
                                    null,
                                    "Authorization",
                                    basic("victor", "victors-password"))
                            .statusCode())
                    .isEqualTo(200);
            assertThat(GuardedDispatcher.send(port, "GET", "/actuator/health/readiness", null)
                            .statusCode())
                    .isEqualTo(503);
            assertThat(dispatcher.address()).as("with a login, others may come").isNull();
        }
    }

    @Test
    void loopback_may_be_named_in_its_own_words() {
        try (GuardedDispatcher dispatcher = GuardedDispatcher.start("--server.address=localhost")) {
            assertThat(dispatcher.address().isLoopbackAddress()).isTrue();
        }
    }

    @Test
    void metrics_can_be_opened_to_whoever_collects_them() throws Exception {
        try (GuardedDispatcher dispatcher = GuardedDispatcher.start(
                "--etd.console.users.victor.password=victors-password", "--etd.console.metrics-without-login=true")) {
            assertThat(dispatcher.send("GET", "/actuator/prometheus", null).statusCode())
                    .isNotEqualTo(401);
            assertThat(dispatcher.send("GET", "/actuator/info", null).statusCode())
                    .isEqualTo(401);
        }
    }
}
