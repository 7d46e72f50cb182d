package org.externaltask.dispatcher.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** A configuration that cannot be used stops start-up, and the message says which key it is and what to write. */
@ExtendWith(OutputCaptureExtension.class)
class ConfigurationTest {

    private static final String ENGINE = "--etd.engines.default.base-url=http://localhost:9/engine-rest";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            etd.engine.default.base-url=http://x          | etd.engine.default.base-url is unknown: allowed under etd are routes, reload, engines, gateways, broker, console, egress; did you mean etd.engines?
            etd.engines.default.bas-url=http://x          | etd.engines.default.bas-url is unknown: allowed under etd.engines.default are base-url, worker-id, max-tasks,
            etd.engines.default.bas-url=http://x          | did you mean etd.engines.default.base-url?
            etd.engines.default.authentication.token=t    | etd.engines.default.authentication.token is unknown: allowed under etd.engines.default.authentication are username, password, bearer-token
            etd.routes.folder=x                           | etd.routes.folder is unknown: etd.routes has no keys below it
            etd.something=x                               | etd.something is unknown: allowed under etd are routes, reload, engines, gateways, broker, console, egress
            etd.engines.default.base-url=ftp://x          | etd.engines.default.base-url (ftp://x) must be an http or https address without user, query or fragment
            etd.engines.default.base-url=http://a b       | etd.engines.default.base-url (http://a b) must be an http or https address without user, query or fragment
            etd.engines.default.async-response-timeout=31m | etd.engines.default.async-response-timeout (31m) must be between 0s and 30m, which is the most that the engine accepts
            etd.engines.default.async-response-timeout=31x | etd.engines.default.async-response-timeout (31x) is no duration: write for example 300ms, 20s or 5m
            etd.engines.default.response-timeout=0s       | etd.engines.default.response-timeout (0s) must be longer than 0s
            etd.engines.default.max-tasks=0               | etd.engines.default.max-tasks (0) must be greater than or equal to 1
            etd.engines.default.max-tasks=many            | etd.engines.default.max-tasks (many) is no whole number
            etd.engines.default.use-priority=perhaps      | etd.engines.default.use-priority (perhaps) is no yes or no: write true or false
            etd.engines.default.order-by-create-time=old  | etd.engines.default.order-by-create-time (old) is no known value: write one of ASC, DESC
            etd.engines.default.json-format=YAML          | etd.engines.default.json-format (YAML) is no known value: write one of JSON, OBJECT, STRING
            etd.engines.default.authentication.username=u | etd.engines.default.authentication is either username and password, or bearer-token, or api-key, or oauth2, or nothing
            etd.engines.default.authentication.api-key.value=k | etd.engines.default.authentication.api-key.header is missing: name the header that the key is sent in, for example X-API-Key
            etd.engines.default.authentication.api-key.header=X Key | etd.engines.default.authentication.api-key.header must be the name of an HTTP header, for example X-API-Key
            etd.engines.default.authentication.api-key.header=X-Key | etd.engines.default.authentication.api-key.value is missing: set it to the key, from the environment or a mounted file
            etd.engines.default.authentication.oauth2.token-uri=ftp://x | etd.engines.default.authentication.oauth2.token-uri must be an http or https address without user, query or fragment
            etd.engines.default.authentication.oauth2.token-uri=http://x | etd.engines.default.authentication.oauth2.client-id is missing: set it to the client id that the token endpoint knows
            etd.engines.default.authentication.oauth2.client-id=etd | etd.engines.default.authentication.oauth2.token-uri is missing: set it to the token endpoint
            etd.engines.default.authentication.oauth2.secret=s | etd.engines.default.authentication.oauth2.secret is unknown: allowed under etd.engines.default.authentication.oauth2 are token-uri, client-id, client-secret, scope, client-authentication-method, ssl-bundle
            etd.engines.other.worker-id=w                 | etd.engines.other.base-url is missing: set it to where the engine's REST API is, for example http://localhost:8080/engine-rest
            etd.gateways.crm.response-timeout=1s          | etd.gateways.crm.base-url is missing: set it to the address of the gateway, for example https://api.example.com
            etd.gateways.crm.base-url=crm                 | etd.gateways.crm.base-url (crm) must be an http or https address without user, query or fragment
            etd.gateways.default.circuit.failure-rate=50  | etd.gateways.default.circuit.failure-rate is unknown: allowed under etd.gateways.default.circuit are enabled, failure-rate-threshold, sliding-window-size,
            etd.egress.allowed-hosts=http://x             | etd.egress.allowed-hosts[0] must be a host name, *. and a domain, an address or a network, for example api.example.com, *.example.com or 10.0.0.0/8
            etd.console.users.olga.role=operator          | etd.console.users.olga.password is missing: set it from the environment or a mounted file, best as {bcrypt} and its hash
            etd.console.users.olga.password=short         | etd.console.users.olga.password must have 8 characters at least and 72 bytes at most, or be {bcrypt} and its hash
            etd.console.users.olga.password={bcrypt}x     | etd.console.users.olga.password must have 8 characters at least
            etd.console.users.olga.password={noop}short   | etd.console.users.olga.password must have 8 characters at least
            etd.console.users.olga.password={scrypt}hash  | etd.console.users.olga.password must have 8 characters at least
            etd.console.users.olga.role=admin             | etd.console.users.olga.role (admin) is no known value: write one of VIEWER, OPERATOR
            etd.console.user.olga.password=long-enough    | did you mean etd.console.users?
            etd.broker.circuit.failure-rate-threshold=101 | etd.broker.circuit.failure-rate-threshold (101) must be less than or equal to 100
            etd.broker.circuit.sliding-window-size=5      | etd.broker.circuit.minimum-number-of-calls must not be larger than sliding-window-size
            etd.broker.circuit.max-wait-duration-in-open-state=5s | etd.broker.circuit.max-wait-duration-in-open-state (5s) must not be shorter than wait-duration-in-open-state
            etd.broker.parking-queue=                     | etd.broker.parking-queue () is empty: name the queue for messages that no route can work on, for example etd.parked
            etd.broker.message-ttl=0s                     | etd.broker.message-ttl (0s) must be longer than 0s
            etd.broker.retry-delays=5s,soon               | etd.broker.retry-delays (soon) is no duration
            etd.broker.retry-delays=5s,0s                 | etd.broker.retry-delays[1] must be longer than 0s
            etd.broker.retry-delay=5s                     | did you mean etd.broker.retry-delays?
            etd.broker.retry-queue=                       | etd.broker.retry-queue () is empty: say what the names of the retry queues begin with, for example etd.retry
            etd.broker.max-message-bytes=0                | etd.broker.max-message-bytes (0) must be greater than or equal to 1
            etd.broker.confirm-timeout=-1s                | etd.broker.confirm-timeout (-1s) must be longer than 0s
            """)
    void a_wrong_key_or_value_is_named_with_what_to_write(String property, String problem, CapturedOutput output) {
        String[] arguments = property.startsWith("etd.engines.default.base-url")
                ? new String[] {"--" + property}
                : new String[] {ENGINE, "--" + property};

        assertThatThrownBy(() -> start(arguments));

        assertThat(analysis(output)).contains(problem).contains("Correct the keys named above");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ETD_ENGINES_DEFAULT_BASEULR     | etd.engines.default.baseulr is unknown: allowed under etd.engines.default are base-url, worker-id, max-tasks,
            ETD_ENGINES_DEFAULT_BASEULR     | did you mean etd.engines.default.base-url?
            ETD_ENGINS_DEFAULT_BASEURL      | did you mean etd.engines?
            ETD_GATEWAYS_CRM_BASE_URI       | etd.gateways.crm.base.uri is unknown: allowed under etd.gateways.crm are base-url
            ETD_GATEWAYS_CRM_AUTHENTICATION_TOKEN | allowed under etd.gateways.crm.authentication are username, password, bearer-token
            ETD_GATEWAYS_MY_CRM_BASEURL     | etd.gateways.my.crm.baseurl is unknown: allowed under etd.gateways.my are base-url
            ETD_ROUTE                       | did you mean etd.routes?
            ETD_BROKER_CONFIRMTIMOUT        | did you mean etd.broker.confirm-timeout?
            """)
    void a_misspelt_environment_variable_is_named_with_what_to_write(
            String variable, String problem, CapturedOutput output) {
        assertThatThrownBy(() -> start(Map.of(variable, "http://localhost:9"), ENGINE));

        assertThat(analysis(output))
                .contains("the environment variable " + variable + ": ")
                .contains(problem);
    }

    @Test
    void environment_variables_of_others_and_both_ways_to_write_ours_are_fine(CapturedOutput output) {
        start(Map.ofEntries(
                Map.entry("ETD_SERVICE_HOST", "10.0.0.1"),
                Map.entry("ETD_SERVICE_PORT_HTTP", "8090"),
                Map.entry("ETD_PORT", "tcp://10.0.0.1:8090"),
                Map.entry("ETD_PORT_8090_TCP_ADDR", "10.0.0.1"),
                Map.entry("ETD_BROKER_SERVICE_HOST", "10.0.0.2"),
                Map.entry("ETD_BROKER_PORT_5672_TCP", "tcp://10.0.0.2:5672"),
                Map.entry("ETD_TEST_RABBITMQ", "127.0.0.1:5672"),
                Map.entry("ETD_HOME", "/opt/etd"),
                Map.entry("ETD_ENGINES_DEFAULT_BASE_URL", "http://localhost:9/engine-rest"),
                Map.entry("ETD_ENGINES_DEFAULT_AUTHENTICATION_OAUTH2_TOKENURI", "http://localhost:9/token"),
                Map.entry("ETD_ENGINES_DEFAULT_AUTHENTICATION_OAUTH2_CLIENTID", "etd"),
                Map.entry("ETD_ENGINES_DEFAULT_AUTHENTICATION_OAUTH2_CLIENTSECRET", "cl1ent-s3cret"),
                Map.entry(
                        "ETD_ENGINES_DEFAULT_AUTHENTICATION_OAUTH2_CLIENT_AUTHENTICATION_METHOD", "client_secret_post"),
                Map.entry("ETD_GATEWAYS_CRM_BASEURL", "http://localhost:9"),
                Map.entry("ETD_GATEWAYS_CRM_AUTHENTICATION_APIKEY_HEADER", "X-API-Key"),
                Map.entry("ETD_GATEWAYS_CRM_AUTHENTICATION_APIKEY_VALUE", "k3y"),
                Map.entry("ETD_ENGINES_DEFAULT_MAX_TASKS", "7"),
                Map.entry("ETD_GATEWAYS_DEFAULT_BASEURL", "http://localhost:9"),
                Map.entry("ETD_GATEWAYS_DEFAULT_AUTHENTICATION_BEARERTOKEN", "t"),
                Map.entry("ETD_BROKER_CONFIRMTIMEOUT", "6s")));

        assertThat(output).contains("Started ").doesNotContain("APPLICATION FAILED TO START");
    }

    @Test
    void without_an_engine_there_is_nothing_to_do(CapturedOutput output) {
        assertThatThrownBy(() -> start());

        assertThat(analysis(output))
                .contains("etd.engines no engine is configured: set etd.engines.default.base-url, for example"
                        + " ETD_ENGINES_DEFAULT_BASEURL=http://localhost:8080/engine-rest");
    }

    @Test
    void everything_that_is_wrong_is_said_at_once(CapturedOutput output) {
        assertThatThrownBy(() -> start("--etd.engins.default.base-url=http://x", "--etd.broker.confirm-timeout=0s"));

        assertThat(analysis(output))
                .contains("did you mean etd.engines?", "no engine is configured", "etd.broker.confirm-timeout (0s)");
    }

    @Test
    void an_ssl_bundle_that_there_is_not_is_named_with_what_to_write(CapturedOutput output) {
        assertThatThrownBy(() -> start(ENGINE, "--etd.engines.default.ssl-bundle=own-ca"));

        assertThat(output)
                .contains("Invalid value 'own-ca' for configuration property 'etd.engines.default.ssl-bundle'")
                .contains(
                        "There is no SSL bundle of that name: set spring.ssl.bundle.pem.own-ca.* or correct the name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bearer-token=t0ken",
                "api-key.value=t0ken",
                "oauth2.client-secret=t0ken",
            })
    void two_kinds_of_authentication_at_once_stop_start_up(String other, CapturedOutput output) {
        assertThatThrownBy(() -> start(
                ENGINE,
                "--etd.engines.default.authentication.username=somebody",
                "--etd.engines.default.authentication.password=pa55word",
                "--etd.engines.default.authentication." + other));

        assertThat(analysis(output))
                .contains(
                        "etd.engines.default.authentication is either username and password, or bearer-token, or api-key, or oauth2, or nothing");
        assertThat(output).doesNotContain("pa55word").doesNotContain("t0ken");
    }

    @Test
    void a_secret_in_a_wrong_configuration_is_not_printed(CapturedOutput output) {
        assertThatThrownBy(() -> start(
                "--etd.engines.default.base-url=http://user:pa55word@localhost/engine-rest",
                "--etd.engines.default.authentication.username=somebody",
                "--etd.engines.default.authentication.bearer-token=t0ken"));

        assertThat(analysis(output))
                .contains("etd.engines.default.base-url (http://***@localhost/engine-rest) must be")
                .contains("etd.engines.default.authentication is either username and password, or bearer-token");
        assertThat(output).doesNotContain("pa55word").doesNotContain("t0ken");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            engine: crm  | method: GET  | there is no engine named 'crm' (configured: default): set etd.engines.crm.base-url or correct the name
            retries: 3   | gateway: crm | etd.gateways.crm.base-url
            """)
    void a_topic_that_names_an_unknown_engine_or_gateway_stops_start_up(
            String option, String parameter, String problem, CapturedOutput output, @TempDir Path folder)
            throws IOException {
        Files.writeString(folder.resolve("svc_X.camel.yaml"), """
                # Looks something up.
                - route:
                    id: svc_X
                    from:
                      uri: external-task:svc_X
                      parameters:
                        variables: key
                        %s
                      steps:
                        - to:
                            uri: kamelet:call-gateway
                            parameters:
                              path: /things
                              %s
                """.formatted(option, parameter));

        assertThatThrownBy(() ->
                start(ENGINE, "--etd.gateways.default.base-url=http://localhost:9", "--etd.routes=file:" + folder));

        assertThat(analysis(output)).contains("svc_X.camel.yaml").contains(problem);
    }

    private static String analysis(CapturedOutput output) {
        assertThat(output).contains("APPLICATION FAILED TO START");
        return output.toString().substring(output.toString().lastIndexOf("APPLICATION FAILED TO START"));
    }

    private static void start(String... arguments) {
        start(Map.of(), arguments);
    }

    private static void start(Map<String, Object> variables, String... arguments) {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
        new SpringApplicationBuilder(DispatcherApplication.class)
                .environment(environment)
                .web(WebApplicationType.NONE)
                .run(Stream.concat(Stream.of(arguments), Stream.of("--spring.rabbitmq.port=9"))
                        .toArray(String[]::new))
                .close();
    }
}
