package org.externaltask.dispatcher.http;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.apache.hc.client5.http.impl.InMemoryDnsResolver;
import org.externaltask.dispatcher.configuration.EtdProperties.Authentication;
import org.externaltask.dispatcher.configuration.EtdProperties.ClientAuthenticationMethod;
import org.externaltask.dispatcher.configuration.EtdProperties.OAuth2;
import org.externaltask.dispatcher.http.HttpCallFailed.Reason;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** Where the dispatcher may send something to: {@code etd.egress.allowed-hosts}, at the start and for each connection. */
class EgressTest {

    @RegisterExtension
    static final WireMockExtension PEER =
            WireMockExtension.newInstance().options(options().dynamicPort()).build();

    private final InMemoryDnsResolver dns = new InMemoryDnsResolver();

    @BeforeEach
    void answers() {
        PEER.stubFor(any(anyUrl()).willReturn(okJson("{}")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            -                            | api.example.com   | 10.1.2.3        | true
            -                            | api.example.com   | 127.0.0.1       | true
            -                            | api.example.com   | 169.254.169.254 | false
            -                            | api.example.com   | fe80::1         | false
            -                            | api.example.com   | fd00:ec2::254   | false
            api.example.com              | API.example.com   | 10.1.2.3        | true
            api.example.com              | api.example.com   | 169.254.169.254 | false
            api.example.com              | example.com       | 10.1.2.3        | false
            api.example.com              | api.example.com.evil.org | 10.1.2.3 | false
            *.example.com                | api.example.com   | 10.1.2.3        | true
            *.example.com                | evilexample.com   | 10.1.2.3        | false
            *.example.com                | example.com       | 10.1.2.3        | false
            10.0.0.0/8                   | api.example.com   | 10.1.2.3        | true
            10.0.0.0/8                   | api.example.com   | 11.1.2.3        | false
            10.0.0.0/8                   | api.example.com   | fe80::1         | false
            10.1.2.3                     | 10.1.2.3          | 10.1.2.3        | true
            169.254.0.0/16               | api.example.com   | 169.254.1.1     | true
            2001:db8::/32                | api.example.com   | 2001:db8:1::2   | true
            2001:db8::/32                | api.example.com   | 2001:db9::2     | false
            api.example.com,10.0.0.0/8   | other.example.com | 10.1.2.3        | true
            """)
    void a_name_and_where_it_leads_are_both_looked_at(String allowed, String host, String address, boolean good)
            throws UnknownHostException {
        dns.add(host, InetAddress.getByName(address));
        Egress egress = Egress.to(allowed == null ? List.of() : List.of(allowed.split(",")), dns);

        if (good) {
            assertThat(egress.resolve(host)).containsExactly(InetAddress.getByName(address));
        } else {
            assertThatThrownBy(() -> egress.resolve(host))
                    .isInstanceOf(HostNotAllowed.class)
                    .hasMessageContaining("the host " + host + " ("
                            + InetAddress.getByName(address).getHostAddress());
        }
    }

    @Test
    void of_several_addresses_only_the_good_ones_are_called() throws UnknownHostException {
        InetAddress good = InetAddress.getByName("10.1.2.3");
        dns.add("api.example.com", InetAddress.getByName("169.254.169.254"), good);

        assertThat(Egress.to(List.of(), dns).resolve("api.example.com")).containsExactly(good);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            -               | http://169.254.169.254/latest | is link-local, and only called when etd.egress.allowed-hosts has it
            -               | http://[fe80::1]/             | is link-local
            -               | http://[fd00:ec2::254]/       | is link-local
            api.example.com | https://crm.example.com       | is not in etd.egress.allowed-hosts: add it there, or correct the address
            10.0.0.0/8      | http://192.0.2.1:8080         | is not in etd.egress.allowed-hosts
            """)
    void what_is_wrong_without_asking_the_dns_stops_start_up(String allowed, String address, String problem) {
        Egress egress = Egress.to(allowed == null ? List.of() : List.of(allowed), dns);

        assertThatThrownBy(() -> egress.check("etd.gateways.crm.base-url", URI.create(address)))
                .isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class, e -> {
                    assertThat(e.getName()).isEqualTo("etd.gateways.crm.base-url");
                    assertThat(e.getReason()).contains(problem);
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            -                          | http://localhost:8080
            api.example.com            | https://api.example.com/v1
            10.0.0.0/8                 | https://whatever-the-dns-says.example.com
            127.0.0.0/8,::1            | http://[::1]:8080
            """)
    void what_is_right_or_can_only_be_told_by_the_dns_starts(String allowed, String address) {
        Egress egress = Egress.to(allowed == null ? List.of() : List.of(allowed.split(",")), dns);

        assertThatCode(() -> egress.check("key", URI.create(address))).doesNotThrowAnyException();
    }

    @Test
    void a_network_that_is_none_is_named() {
        assertThatThrownBy(() -> Egress.to(List.of("10.0.0.0/99")))
                .hasMessageContaining("etd.egress.allowed-hosts")
                .hasMessageContaining("10.0.0.0/99");
    }

    @Test
    void a_call_goes_where_the_name_is_allowed_to_lead_and_nowhere_else() throws UnknownHostException {
        dns.add("api.example.com", InetAddress.getByName("127.0.0.1"));
        assertThat(call(Egress.to(List.of("api.example.com"), dns), HttpPeerFixture.NOBODY))
                .isNull();
        assertThat(PEER.getAllServeEvents()).hasSize(1);

        HttpCallFailed failed = call(Egress.to(List.of("10.0.0.0/8"), dns), HttpPeerFixture.NOBODY);
        assertThat(failed.reason()).isEqualTo(Reason.HOST_NOT_ALLOWED);
        assertThat(failed)
                .hasMessage("GET /x on gateway default was not sent: the host api.example.com (127.0.0.1) is not in"
                        + " etd.egress.allowed-hosts");
        assertThat(failed.wasSent()).isFalse();
        assertThat(failed.mayPass())
                .as("the DNS may be right again, and until then the circuit keeps the tasks out")
                .isTrue();
        assertThat(PEER.getAllServeEvents()).hasSize(1);
    }

    @Test
    void a_token_endpoint_is_held_to_the_same() throws UnknownHostException {
        dns.add("api.example.com", InetAddress.getByName("127.0.0.1"));
        dns.add("login.example.com", InetAddress.getByName("169.254.169.254"));
        Authentication oauth2 = new Authentication(
                null,
                null,
                null,
                null,
                new OAuth2(
                        URI.create("http://login.example.com:" + PEER.getPort() + "/token"),
                        "etd",
                        "cl1ent-s3cret",
                        null,
                        ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
                        null));

        HttpCallFailed failed = call(Egress.to(List.of("*.example.com"), dns), oauth2);

        assertThat(failed.reason()).isEqualTo(Reason.NO_TOKEN);
        assertThat(failed).hasMessageContaining("the host login.example.com (169.254.169.254) is not in etd.egress");
        assertThat(PEER.getAllServeEvents()).isEmpty();
    }

    /** What became of a call to {@code api.example.com}; null when it was answered. */
    private static HttpCallFailed call(Egress egress, Authentication authentication) {
        String baseUrl = "http://api.example.com:" + PEER.getPort();
        try (HttpPeerFixture peers = new HttpPeerFixture(baseUrl, authentication, Map.of(), egress)) {
            return (HttpCallFailed) peers.send("gateway:default?method=GET&path=/x", (Object) null)
                    .getException();
        }
    }
}
