package org.externaltask.dispatcher.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.EndpointUriFactory;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.gateway.KameletsWithTimeout;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

/** The wiring in Spring. */
class HttpPeersTest {

    private final ApplicationContextRunner etd = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(CamelAutoConfiguration.class))
            .withUserConfiguration(
                    HttpPeers.class,
                    GatewayMeters.class,
                    SimpleMeterRegistry.class,
                    Circuits.class,
                    KameletsWithTimeout.class,
                    Properties.class)
            .withPropertyValues(
                    "etd.engines.default.base-url=http://localhost:8080/engine-rest",
                    "etd.engines.default.authentication.username=etd",
                    "etd.engines.default.authentication.password=s3cr3t",
                    "etd.gateways.default.base-url=https://api.example.com/v1/",
                    "etd.gateways.default.response-timeout=7s",
                    "etd.gateways.crm.base-url=https://crm.example.com");

    @Test
    void engines_and_gateways_of_the_configuration_are_endpoints() {
        etd.run(context -> {
            CamelContext camel = context.getBean(CamelContext.class);
            HttpPeerEndpoint crm = camel.getEndpoint("gateway:crm?path=/x", HttpPeerEndpoint.class);
            HttpPeerEndpoint gateway = camel.getEndpoint("gateway:default?path=/x", HttpPeerEndpoint.class);
            HttpPeerEndpoint engine = camel.getEndpoint("engine:default?path=/x", HttpPeerEndpoint.class);

            assertThat(crm.getHttpUri()).hasToString("https://crm.example.com");
            assertThat(gateway.getHttpUri()).hasToString("https://api.example.com/v1");
            assertThat(gateway.call().timeout()).hasSeconds(7);
            assertThat(engine.getHttpUri()).hasToString("http://localhost:8080/engine-rest");
            assertThat(engine.call().peer().credentials().header().getValue()).isEqualTo("Basic ZXRkOnMzY3IzdA==");
            assertThat(engine.call()).hasToString("POST /x on engine default");
        });
    }

    @Test
    void what_is_not_configured_is_named_with_the_key_to_set() {
        etd.run(
                context -> assertThatThrownBy(
                                () -> context.getBean(CamelContext.class).getEndpoint("gateway:billing?path=/x"))
                        .hasStackTraceContaining(
                                "there is no gateway named 'billing' (configured: crm, default): set etd.gateways.billing.base-url"));
    }

    @Test
    void the_secrets_of_every_kind_are_known_so_that_they_can_be_masked() {
        etd.withPropertyValues(
                        "etd.gateways.key.base-url=https://key.example.com",
                        "etd.gateways.key.authentication.api-key.header=X-API-Key",
                        "etd.gateways.key.authentication.api-key.value=k3y",
                        "etd.gateways.fixed.base-url=https://fixed.example.com",
                        "etd.gateways.fixed.authentication.bearer-token=t0ken",
                        "etd.gateways.oauth2.base-url=https://oauth2.example.com",
                        "etd.gateways.oauth2.authentication.oauth2.token-uri=https://login.example.com/token",
                        "etd.gateways.oauth2.authentication.oauth2.client-id=etd",
                        "etd.gateways.oauth2.authentication.oauth2.client-secret=cl1ent-s3cret")
                .run(context -> assertThat(
                                context.getBean(ConfiguredPeers.class).secrets())
                        .containsExactlyInAnyOrder("s3cr3t", "ZXRkOnMzY3IzdA==", "k3y", "t0ken", "cl1ent-s3cret"));
    }

    @Test
    void two_camel_contexts_never_share_connections() {
        etd.run(context -> {
            assertThat(context.getBean("gateway")).isNotSameAs(context.getBean("gateway"));
            assertThat(context.getBean(CamelContext.class).getComponent("kamelet"))
                    .isInstanceOf(KameletsWithTimeout.class);
        });
    }

    @Test
    void yaml_parameters_of_a_path_are_taken_literally() {
        etd.run(context -> {
            EndpointUriFactory factory = context.getBean(CamelContext.class)
                    .getCamelContextExtension()
                    .getEndpointUriFactory("kamelet");

            assertThat(factory.secretPropertyNames()).contains("path", "query");
        });
    }

    @Configuration
    @EnableConfigurationProperties(EtdProperties.class)
    static class Properties {}
}
