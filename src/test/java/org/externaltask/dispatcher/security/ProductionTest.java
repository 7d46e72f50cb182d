package org.externaltask.dispatcher.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.externaltask.dispatcher.DispatcherApplication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.support.GenericApplicationContext;

/** In the profile prod, what is made for development stops start-up with a sentence that says what to change. */
@ExtendWith(OutputCaptureExtension.class)
class ProductionTest {

    private final Production production = new Production(type -> false, folder -> !folder.startsWith("/etc"));

    @Test
    void the_application_does_not_start_with_hot_reload_of_files_that_it_could_write(CapturedOutput output) {
        assertThatThrownBy(() -> start("prod", "--etd.reload.enabled=true"));

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("In the profile prod, nothing may be switched on that is for development")
                .contains("etd.reload.enabled is true, and the dispatcher could write the topic files itself: set it to"
                        + " false, or mount the folder in etd.routes read-only");
    }

    @Test
    void the_application_starts_in_prod_as_it_is_shipped(CapturedOutput output) {
        start("prod");

        assertThat(output).contains("Started ").doesNotContain("APPLICATION FAILED TO START");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            spring.profiles.active=prod,dev                | the profile dev is active, too: leave it out of spring.profiles.active
            etd.reload.enabled=true                        | etd.reload.enabled is true
            camel.main.routes-reload-enabled=true          | camel.main.routes-reload-enabled switches on Camel's own hot reload: set it to false
            camel.main.dev-console-enabled=true            | Camel's dev console
            camel.main.debugging=true                      | Camel's debugger
            camel.debug.enabled=true                       | Camel's debugger
            management.endpoints.web.exposure.include=*    | management.endpoints.web.exposure.include has *: leave it away
            management.endpoints.web.exposure.include=health,heapdump | has heapdump
            management.endpoints.web.exposure.include=env  | has env
            management.endpoints.web.exposure.include=loggers | has loggers
            management.endpoints.web.exposure.include=camelroutes | has camelroutes
            management.endpoints.web.exposure.include=jolokia | has jolokia
            """)
    void each_of_them_is_named_with_what_to_change(String property, String problem) {
        assertThatThrownBy(() -> look(production, "spring.profiles.active=prod", property))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining(problem);
        if (!property.startsWith("spring.profiles")) {
            assertThatCode(() -> look(production, "spring.profiles.active=test", property))
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.jolokia.server.core.http.AgentServlet",
                "org.jolokia.jvmagent.JolokiaServer",
                "org.springframework.boot.devtools.restart.Restarter"
            })
    void libraries_that_steer_the_jvm_from_outside_do_not_belong_there(String type) {
        assertThatThrownBy(() -> look(new Production(type::equals, folder -> false), "spring.profiles.active=prod"))
                .hasMessageContaining("is on the classpath: leave it out of what is shipped");
    }

    @Test
    void topic_files_that_only_a_deployment_can_change_may_be_reloaded_and_hidden_endpoints_be_listed() {
        assertThatCode(() -> look(
                        production,
                        "spring.profiles.active=prod",
                        "etd.reload.enabled=true",
                        "etd.routes=file:/etc/etd/routes",
                        "management.endpoints.web.exposure.include=health,etd,env",
                        "management.endpoints.web.exposure.exclude=env"))
                .doesNotThrowAnyException();
    }

    @Test
    void everything_is_said_at_once() {
        assertThatThrownBy(() -> look(
                        production,
                        "spring.profiles.active=prod,dev",
                        "management.endpoints.web.exposure.include=env,loggers"))
                .hasMessageContainingAll("the profile dev", "has env", "has loggers");
    }

    private static void look(Production production, String... properties) {
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            TestPropertyValues.of(properties).applyTo(context);
            production.initialize(context);
        }
    }

    private static void start(String profile, String... more) {
        new SpringApplicationBuilder(DispatcherApplication.class)
                .profiles(profile)
                .web(WebApplicationType.NONE)
                .run(Stream.concat(
                                Stream.of(
                                        "--etd.routes=file:src/test/resources/sandbox/no-topics",
                                        "--etd.engines.default.base-url=http://localhost:9/engine-rest",
                                        "--spring.rabbitmq.port=9"),
                                Stream.of(more))
                        .toArray(String[]::new))
                .close();
    }
}
