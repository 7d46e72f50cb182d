package org.externaltask.dispatcher.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.mockwebserver.Dispatcher;
import okhttp3.mockwebserver.MockResponse;
import okhttp3.mockwebserver.MockWebServer;
import okhttp3.mockwebserver.RecordedRequest;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.awaitility.Awaitility;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.http.HttpCallFailed.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

/** TLS and mutual TLS to peers and token endpoints, by SSL bundles. */
class TlsTest {

    private static final HeldCertificate AUTHORITY = new HeldCertificate.Builder()
            .commonName("Own CA")
            .certificateAuthority(0)
            .build();
    private static final HeldCertificate CLIENT =
            new HeldCertificate.Builder().commonName("etd").signedBy(AUTHORITY).build();
    private static final HeldCertificate OF_LOCALHOST = server().build();

    private final ApplicationContextRunner etd = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(CamelAutoConfiguration.class, SslAutoConfiguration.class))
            .withUserConfiguration(
                    HttpPeers.class, GatewayMeters.class, SimpleMeterRegistry.class, Circuits.class, Properties.class)
            .withPropertyValues("etd.engines.default.base-url=http://localhost:1/engine-rest");

    @TempDir
    Path folder;

    private final MockWebServer server = new MockWebServer();

    @AfterEach
    void stop() throws IOException {
        server.shutdown();
    }

    @Test
    void a_certificate_of_an_authority_of_our_own_is_trusted_when_the_bundle_says_so() throws IOException {
        serve(OF_LOCALHOST, false);

        etd.withPropertyValues(trusting("own"))
                .withPropertyValues(gateway("own"))
                .run(context ->
                        assertThat(call(context.getBean(CamelContext.class))).isNull());
    }

    @Test
    void without_a_bundle_it_is_not() throws IOException {
        serve(OF_LOCALHOST, false);

        etd.withPropertyValues(gateway(null)).run(context -> isRefused(context.getBean(CamelContext.class)));
    }

    @Test
    void an_expired_certificate_is_refused() throws IOException {
        Instant yesterday = Instant.now().minus(1, ChronoUnit.DAYS);
        serve(
                server().validityInterval(yesterday.minus(1, ChronoUnit.DAYS).toEpochMilli(), yesterday.toEpochMilli())
                        .build(),
                false);

        etd.withPropertyValues(trusting("own"))
                .withPropertyValues(gateway("own"))
                .run(context -> isRefused(context.getBean(CamelContext.class)));
    }

    @Test
    void a_certificate_of_another_host_is_refused() throws IOException {
        serve(
                new HeldCertificate.Builder()
                        .addSubjectAlternativeName("api.example.com")
                        .signedBy(AUTHORITY)
                        .build(),
                false);

        etd.withPropertyValues(trusting("own"))
                .withPropertyValues(gateway("own"))
                .run(context -> isRefused(context.getBean(CamelContext.class)));
    }

    @Test
    void mutual_tls_shows_the_certificate_of_the_bundle_and_uses_connections_again() throws IOException {
        serve(OF_LOCALHOST, true);

        etd.withPropertyValues(trusting("own"))
                .withPropertyValues(showing("own"))
                .withPropertyValues(gateway("own"))
                .run(context -> {
                    CamelContext camel = context.getBean(CamelContext.class);
                    assertThat(call(camel)).isNull();
                    assertThat(call(camel)).isNull();

                    assertThat(server.takeRequest()
                                    .getHandshake()
                                    .peerPrincipal()
                                    .getName())
                            .isEqualTo("CN=etd");
                    assertThat(server.takeRequest().getSequenceNumber())
                            .as("place of the second call on its connection")
                            .isEqualTo(1);
                });
    }

    @Test
    void an_engine_is_trusted_and_shown_our_certificate_by_its_bundle_too() throws IOException {
        serve(OF_LOCALHOST, true);

        etd.withPropertyValues(trusting("own"))
                .withPropertyValues(showing("own"))
                .withPropertyValues(
                        "etd.engines.default.base-url=https://localhost:" + server.getPort(),
                        "etd.engines.default.ssl-bundle=own")
                .run(context -> {
                    assertThat(call(context.getBean(CamelContext.class), "engine"))
                            .isNull();

                    assertThat(server.takeRequest()
                                    .getHandshake()
                                    .peerPrincipal()
                                    .getName())
                            .isEqualTo("CN=etd");
                });
    }

    @Test
    void an_engine_without_a_bundle_is_not_trusted() throws IOException {
        serve(OF_LOCALHOST, false);

        etd.withPropertyValues("etd.engines.default.base-url=https://localhost:" + server.getPort())
                .run(context -> assertThat(call(context.getBean(CamelContext.class), "engine"))
                        .isInstanceOfSatisfying(HttpCallFailed.class, failed -> assertThat(failed.reason())
                                .isEqualTo(Reason.TLS)));
    }

    @Test
    void mutual_tls_without_a_certificate_of_ours_fails() throws IOException {
        serve(OF_LOCALHOST, true);

        etd.withPropertyValues(trusting("own"))
                .withPropertyValues(gateway("own"))
                .run(context ->
                        assertThat(call(context.getBean(CamelContext.class))).isInstanceOf(HttpCallFailed.class));
    }

    @Test
    void an_older_version_of_tls_is_refused_even_when_the_bundle_allows_it() throws IOException {
        serve(OF_LOCALHOST, false);

        etd.withPropertyValues(trusting("own"))
                .withPropertyValues(gateway("own"))
                .withPropertyValues("spring.ssl.bundle.pem.own.options.enabled-protocols=TLSv1.1")
                .run(context -> {
                    assertThat(call(context.getBean(CamelContext.class))).isNull();
                    assertThat(server.takeRequest().getHandshake().tlsVersion().javaName())
                            .isEqualTo("TLSv1.3");
                });
    }

    @Test
    void the_token_endpoint_has_a_bundle_of_its_own() throws IOException {
        serve(OF_LOCALHOST, true);
        String[] oauth2 = {
            "etd.gateways.default.authentication.oauth2.token-uri=" + server.url("/token"),
            "etd.gateways.default.authentication.oauth2.client-id=etd",
            "etd.gateways.default.authentication.oauth2.client-secret=cl1ent-s3cret",
        };
        ApplicationContextRunner gateway = etd.withPropertyValues(trusting("own"))
                .withPropertyValues(showing("own"))
                .withPropertyValues(gateway("own"))
                .withPropertyValues(oauth2);

        gateway.run(context -> assertThat(call(context.getBean(CamelContext.class)))
                .isInstanceOfSatisfying(HttpCallFailed.class, failed -> assertThat(failed.reason())
                        .isEqualTo(Reason.NO_TOKEN))
                .hasMessageContaining("/token could not be reached: no secure connection"));
        gateway.withPropertyValues("etd.gateways.default.authentication.oauth2.ssl-bundle=own")
                .run(context -> {
                    assertThat(call(context.getBean(CamelContext.class))).isNull();
                    assertThat(server.takeRequest().getPath()).isEqualTo("/token");
                    assertThat(server.takeRequest().getHeader("Authorization")).isEqualTo("Bearer t-1");
                });
    }

    @Test
    void a_bundle_that_is_renewed_holds_for_new_connections() throws IOException {
        serve(OF_LOCALHOST, false);
        Path trusted = Files.writeString(
                folder.resolve("ca.pem"), new HeldCertificate.Builder().build().certificatePem());

        etd.withPropertyValues(
                        "spring.ssl.bundle.pem.own.truststore.certificate=file:" + trusted,
                        "spring.ssl.bundle.pem.own.reload-on-update=true",
                        "spring.ssl.bundle.watch.file.quiet-period=10ms")
                .withPropertyValues(gateway("own"))
                .run(context -> {
                    CamelContext camel = context.getBean(CamelContext.class);
                    isRefused(camel);

                    Files.writeString(trusted, AUTHORITY.certificatePem());

                    Awaitility.await().atMost(30, TimeUnit.SECONDS).untilAsserted(() -> assertThat(call(camel))
                            .isNull());
                });
    }

    private void serve(HeldCertificate certificate, boolean clientsShowTheirs) throws IOException {
        HandshakeCertificates certificates = new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .addTrustedCertificate(AUTHORITY.certificate())
                .build();
        server.useHttps(certificates.sslSocketFactory(), false);
        server.setProtocols(List.of(okhttp3.Protocol.HTTP_1_1));
        if (clientsShowTheirs) {
            server.requireClientAuth();
        }
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse()
                        .setHeader("Content-Type", "application/json")
                        .setBody(
                                "/token".equals(request.getPath())
                                        ? "{\"access_token\": \"t-1\", \"token_type\": \"Bearer\", \"expires_in\": 300}"
                                        : "{}");
            }
        });
        server.start(InetAddress.getByName("localhost"), 0);
    }

    private static HeldCertificate.Builder server() {
        return new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .signedBy(AUTHORITY);
    }

    private String[] gateway(String bundle) {
        return Stream.of(
                        "etd.gateways.default.base-url=https://localhost:" + server.getPort(),
                        bundle == null ? null : "etd.gateways.default.ssl-bundle=" + bundle)
                .filter(property -> property != null)
                .toArray(String[]::new);
    }

    private static String[] trusting(String bundle) {
        return new String[] {"spring.ssl.bundle.pem." + bundle + ".truststore.certificate=" + AUTHORITY.certificatePem()
        };
    }

    private static String[] showing(String bundle) {
        return new String[] {
            "spring.ssl.bundle.pem." + bundle + ".keystore.certificate=" + CLIENT.certificatePem(),
            "spring.ssl.bundle.pem." + bundle + ".keystore.private-key=" + CLIENT.privateKeyPkcs8Pem()
        };
    }

    private static void isRefused(CamelContext camel) {
        assertThat(call(camel))
                .isInstanceOfSatisfying(HttpCallFailed.class, failed -> assertThat(failed.reason())
                        .isEqualTo(Reason.TLS))
                .hasMessage(
                        "GET /x on gateway default could not be reached: no secure connection (certificate or TLS version)");
    }

    private static Exception call(CamelContext camel) {
        return call(camel, "gateway");
    }

    private static Exception call(CamelContext camel, String role) {
        Exchange exchange = camel.createFluentProducerTemplate()
                .to(role + ":default?method=GET&path=/x")
                .send();
        return exchange.getException();
    }

    @Configuration
    @EnableConfigurationProperties(EtdProperties.class)
    static class Properties {}
}
