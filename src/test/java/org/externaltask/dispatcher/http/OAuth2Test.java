package org.externaltask.dispatcher.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.matching.RequestPatternBuilder;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import org.apache.camel.Exchange;
import org.apache.hc.core5.http.Header;
import org.externaltask.dispatcher.configuration.EtdProperties.Authentication;
import org.externaltask.dispatcher.configuration.EtdProperties.ClientAuthenticationMethod;
import org.externaltask.dispatcher.configuration.EtdProperties.OAuth2;
import org.externaltask.dispatcher.http.HttpCallFailed.Reason;
import org.externaltask.dispatcher.sandbox.StubGateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.core.OAuth2AccessToken;

/** Calls to peers that want a token of OAuth2's client credentials grant. */
@ExtendWith(OutputCaptureExtension.class)
class OAuth2Test {

    private static final String SECRET = "cl1ent-s3cret";
    private static final String KEY = "etd.gateways.default.authentication.oauth2";
    private static final int TOGETHER = 8;

    private static final MockOAuth2Server TOKENS = new MockOAuth2Server();
    private static final StubGateway PEER = StubGateway.start(0);

    /** Answers as a token server, or as what stands before one, may answer when something is wrong. */
    private static final WireMockServer ODD_TOKENS = StubGateway.start(0).wireMock();

    private final WireMockServer gateway = PEER.wireMock();

    @BeforeAll
    static void startTokenServer() {
        TOKENS.start();
    }

    @BeforeEach
    void start() {
        gateway.resetAll();
        gateway.stubFor(any(anyUrl()).willReturn(okJson("{}")));
        ODD_TOKENS.resetAll();
        tokenRequests();
    }

    @AfterAll
    static void stop() {
        TOKENS.shutdown();
        PEER.close();
        ODD_TOKENS.stop();
    }

    @Test
    void one_token_serves_many_calls() {
        try (HttpPeerFixture peers = peers(realTokenUri())) {
            for (int i = 0; i < 5; i++) {
                call(peers, "/customers/" + i);
            }

            assertThat(tokenRequests()).isEqualTo(1);
            assertThat(tokensSeen()).hasSize(5).containsOnly(tokensSeen().get(0));
            assertThat(tokensSeen().get(0)).startsWith("Bearer ey");
        }
    }

    @Test
    void an_engine_gets_its_token_in_the_same_way() {
        try (HttpPeerFixture peers = peers(realTokenUri())) {
            peers.send("engine:default?method=GET&path=/version", (Object) null);

            assertThat(tokensSeen()).singleElement().asString().startsWith("Bearer ey");
        }
    }

    @Test
    void calls_that_begin_together_share_one_token_request() throws Exception {
        ODD_TOKENS.stubFor(post(anyUrl()).willReturn(token("t-1", 300).withFixedDelay(300)));
        try (HttpPeerFixture peers = peers(oddTokenUri())) {
            together(() -> call(peers, "/x"));

            ODD_TOKENS.verify(1, anyRequestedFor(anyUrl()));
            assertThat(tokensSeen()).hasSize(TOGETHER).containsOnly("Bearer t-1");
        }
    }

    @Test
    void calls_that_begin_together_share_the_failure_of_the_token_request() throws Exception {
        ODD_TOKENS.stubFor(post(anyUrl()).willReturn(aResponse().withStatus(503).withFixedDelay(1_000)));
        try (HttpPeerFixture peers = peers(oddTokenUri())) {
            List<Exchange> failed = together(() -> call(peers, "/x"));

            assertThat(ODD_TOKENS.getAllServeEvents()).hasSizeLessThan(TOGETHER);
            assertThat(failed).allSatisfy(exchange -> assertThat(exchange.getException())
                    .hasMessageContaining("the token endpoint"));
        }
    }

    @Test
    void a_token_that_ends_is_replaced_without_a_refusal() {
        ODD_TOKENS.stubFor(post(anyUrl()).willReturn(token("short", 2)));
        try (HttpPeerFixture peers = peers(oddTokenUri())) {
            await().until(() -> {
                call(peers, "/x");
                return ODD_TOKENS.getAllServeEvents().size() == 2;
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"3600, 3570", "100, 90", "20, 18", ", 270"})
    void a_token_is_given_up_a_little_before_it_ends(Integer expiresIn, long keptSeconds) {
        ODD_TOKENS.stubFor(post(anyUrl()).willReturn(token("t-1", expiresIn)));
        TokenEndpoint endpoint = new TokenEndpoint(
                KEY, oddTokenUri(), Tls.of("", null, HttpPeerFixture.NO_BUNDLES), HttpPeerFixture.ANYWHERE);

        OAuth2AccessToken token = endpoint.token(
                        new OAuth2ClientCredentialsGrantRequest(OAuth2Credentials.client(KEY, settings(oddTokenUri()))))
                .getAccessToken();

        assertThat(Duration.between(token.getIssuedAt(), token.getExpiresAt())).hasSeconds(keptSeconds);
    }

    @Test
    void a_refused_token_is_replaced_once_and_the_same_call_is_sent_again() {
        try (HttpPeerFixture peers = peers(realTokenUri())) {
            call(peers, "/customers/1");
            refuse(tokensSeen().get(0));
            gateway.resetRequests();

            Exchange exchange = peers.send("gateway:default?path=/orders", "{\"number\": 4711}");

            assertThat(exchange.getException()).isNull();
            List<LoggedRequest> sent = gateway.findAll(postRequestedFor(urlPathEqualTo("/orders")));
            assertThat(sent).hasSize(2);
            assertThat(sent).extracting(LoggedRequest::getBodyAsString).containsOnly("{\"number\":4711}");
            assertThat(sent)
                    .extracting(request -> request.getHeader("Idempotency-Key"))
                    .containsOnly("task-1");
            assertThat(tokensSeen()).doesNotHaveDuplicates();
            assertThat(tokenRequests()).isEqualTo(2);
        }
    }

    @Test
    void an_engine_that_refuses_its_token_gets_a_new_one_and_the_same_call_again() {
        try (HttpPeerFixture peers = peers(realTokenUri())) {
            peers.send("engine:default?method=GET&path=/version", (Object) null);
            refuse(tokensSeen().get(0));
            gateway.resetRequests();

            Exchange exchange = peers.send("engine:default?path=/message", "{\"messageName\": \"m\"}");

            assertThat(exchange.getException()).isNull();
            List<LoggedRequest> sent = gateway.findAll(postRequestedFor(urlPathEqualTo("/message")));
            assertThat(sent).hasSize(2);
            assertThat(sent).extracting(LoggedRequest::getBodyAsString).containsOnly("{\"messageName\":\"m\"}");
            assertThat(tokensSeen()).doesNotHaveDuplicates();
            assertThat(tokenRequests()).isEqualTo(2);
        }
    }

    @Test
    void calls_whose_token_is_refused_together_share_one_new_one() throws Exception {
        try (HttpPeerFixture peers = peers(realTokenUri())) {
            call(peers, "/x");
            refuse(tokensSeen().get(0));

            List<Exchange> done = together(() -> call(peers, "/x"));

            assertThat(done)
                    .allSatisfy(exchange -> assertThat(exchange.getException()).isNull());
            assertThat(tokenRequests()).isEqualTo(2);
        }
    }

    @Test
    void a_second_refusal_is_the_failure_of_the_call() {
        gateway.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(401)));
        try (HttpPeerFixture peers = peers(realTokenUri())) {
            HttpCallFailed failed = failure(peers);

            assertThat(failed.status()).isEqualTo(401);
            assertThat(failed.mayPass()).isFalse();
            assertThat(gateway.getAllServeEvents()).hasSize(2);
            assertThat(tokenRequests()).isEqualTo(2);
        }
    }

    @Test
    void a_call_that_may_be_repeated_keeps_the_new_token_for_its_repeat() {
        try (HttpPeerFixture peers = peers(realTokenUri())) {
            call(peers, "/x");
            String first = tokensSeen().get(0);
            gateway.resetAll();
            gateway.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(503)));
            refuse(first);

            peers.send("gateway:default?method=GET&path=/x&idempotent=true", (Object) null);

            assertThat(tokensSeen()).hasSize(3);
            assertThat(tokensSeen().subList(1, 3)).doesNotContain(first);
        }
    }

    @Test
    void a_token_server_that_is_away_lets_the_call_fail_for_now() throws IOException {
        int nobody;
        try (ServerSocket closed = new ServerSocket(0)) {
            nobody = closed.getLocalPort();
        }
        URI away = URI.create("http://localhost:" + nobody + "/token");
        try (HttpPeerFixture peers = peers(away)) {
            HttpCallFailed failed = failure(peers);

            assertThat(failed)
                    .hasMessage("GET /x on gateway default was not sent: the token endpoint " + away
                            + " could not be reached: connection refused; see that it runs, and that " + KEY
                            + ".token-uri and ssl-bundle are right");
            assertThat(failed.mayPass()).isTrue();
            assertThat(failed.reason()).isEqualTo(Reason.NO_TOKEN);
            assertThat(gateway.getAllServeEvents()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            401 | {"error": "invalid_client"} | false | answered 401 (invalid_client): correct KEY.client-id and client-secret
            400 | {"error": "invalid_client"} | false | answered 400 (invalid_client): correct KEY.client-id and client-secret
            400 | {"error": "invalid_scope"}  | false | answered 400 (invalid_scope): correct KEY.scope
            400 | {"error": "the s3cret cl1ent"} | false | answered 400: correct KEY.token-uri
            403 | <html></html>               | false | answered 403: correct KEY.client-id and client-secret
            404 | <html></html>               | false | answered 404: correct KEY.token-uri
            200 | <html></html>               | true  | answered without a usable token; see that KEY.token-uri is right
            200 | {"token": "none"}           | true  | answered without a usable token; see that KEY.token-uri is right
            302 | {}                          | true  | answered without a usable token; see that KEY.token-uri is right
            503 | {}                          | true  | answered 503; look at its log if that goes on
            429 | {}                          | true  | answered 429; look at its log if that goes on
            """)
    void an_answer_without_a_token_says_what_to_mend(int status, String body, boolean mayPass, String message) {
        ODD_TOKENS.stubFor(post(anyUrl())
                .willReturn(aResponse()
                        .withStatus(status)
                        .withHeader("Location", "/elsewhere")
                        .withHeader("WWW-Authenticate", "Basic realm=\"tokens\"")
                        .withHeader("Content-Type", body.startsWith("<") ? "text/html" : "application/json")
                        .withBody(body)));
        try (HttpPeerFixture peers = peers(oddTokenUri())) {
            HttpCallFailed failed = failure(peers);

            assertThat(failed)
                    .hasMessage("GET /x on gateway default was not sent: the token endpoint " + oddTokenUri() + " "
                            + message.replace("KEY", KEY));
            assertThat(failed.mayPass()).isEqualTo(mayPass);
            assertThat(failed.status()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(ClientAuthenticationMethod.class)
    void id_and_secret_are_sent_as_the_token_server_wants_them(ClientAuthenticationMethod method) {
        ODD_TOKENS.stubFor(post(anyUrl()).willReturn(token("t-1", 300)));
        OAuth2 settings = new OAuth2(oddTokenUri(), "etd", SECRET, "read write", method, null);
        try (HttpPeerFixture peers = peers(settings)) {
            call(peers, "/x");

            RequestPatternBuilder form = postRequestedFor(anyUrl())
                    .withFormParam("grant_type", equalTo("client_credentials"))
                    .withFormParam("scope", equalTo("read write"));
            ODD_TOKENS.verify(
                    method == ClientAuthenticationMethod.CLIENT_SECRET_POST
                            ? form.withFormParam("client_id", equalTo("etd"))
                                    .withFormParam("client_secret", equalTo(SECRET))
                                    .withoutHeader("Authorization")
                            : form.withHeader("Authorization", equalTo("Basic ZXRkOmNsMWVudC1zM2NyZXQ=")));
        }
    }

    @Test
    void neither_secret_nor_token_appears_anywhere(CapturedOutput output) {
        ODD_TOKENS.stubFor(post(anyUrl()).willReturn(token("t0ken-1", 300)));
        gateway.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(401)));
        OAuth2 settings = settings(oddTokenUri());
        Authentication authentication = new Authentication(null, null, null, null, settings);
        try (HttpPeerFixture peers = peers(settings)) {
            HttpCallFailed failed = failure(peers);

            String shown = String.join(
                    "\n",
                    String.valueOf(failed),
                    settings.toString(),
                    authentication.toString(),
                    HttpPeerFixture.gateway(PEER.baseUrl().toString(), authentication)
                            .toString(),
                    peers.camel.getEndpoints().toString(),
                    output.toString());
            assertThat(shown).doesNotContain(SECRET).doesNotContain("t0ken-1");
            assertThat(authentication).hasToString("OAuth2 client etd");
        }
    }

    @Test
    void the_secret_and_the_latest_tokens_are_known_so_that_they_can_be_masked() throws NoToken {
        ODD_TOKENS.stubFor(post(anyUrl()).willReturn(token("t-1", 300)));
        Credentials credentials = OAuth2Credentials.of(
                KEY, settings(oddTokenUri()), HttpPeerFixture.NO_BUNDLES, HttpPeerFixture.ANYWHERE);
        assertThat(credentials.secrets()).containsExactly(SECRET);

        Header first = credentials.header();
        assertThat(credentials.secrets()).containsExactlyInAnyOrder(SECRET, "t-1");

        ODD_TOKENS.stubFor(post(anyUrl()).willReturn(token("t-2", 300)));
        credentials.insteadOf(first);
        assertThat(credentials.secrets()).containsExactlyInAnyOrder(SECRET, "t-1", "t-2");
    }

    private static ResponseDefinitionBuilder token(String token, Integer expiresIn) {
        return okJson("{\"access_token\": \"%s\", \"token_type\": \"Bearer\"%s}"
                .formatted(token, expiresIn == null ? "" : ", \"expires_in\": " + expiresIn));
    }

    private static URI realTokenUri() {
        return TOKENS.tokenEndpointUrl("default").uri();
    }

    private static URI oddTokenUri() {
        return URI.create(ODD_TOKENS.baseUrl() + "/token");
    }

    private static OAuth2 settings(URI tokenUri) {
        return new OAuth2(tokenUri, "etd", SECRET, null, ClientAuthenticationMethod.CLIENT_SECRET_BASIC, null);
    }

    private static HttpPeerFixture peers(URI tokenUri) {
        return peers(settings(tokenUri));
    }

    private static HttpPeerFixture peers(OAuth2 settings) {
        return new HttpPeerFixture(
                PEER.baseUrl().toString(), new Authentication(null, null, null, null, settings), Map.of());
    }

    private static Exchange call(HttpPeerFixture peers, String path) {
        return peers.send("gateway:default?method=GET&path=" + path, (Object) null);
    }

    private static HttpCallFailed failure(HttpPeerFixture peers) {
        return peers.failure("gateway:default?method=GET&path=/x", null, HttpCallFailed.class);
    }

    private static List<Exchange> together(Callable<Exchange> call) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(TOGETHER);
        try {
            List<Future<Exchange>> calls = threads.invokeAll(
                    IntStream.range(0, TOGETHER).mapToObj(i -> call).toList());
            return calls.stream().map(OAuth2Test::result).toList();
        } finally {
            threads.shutdown();
        }
    }

    private static Exchange result(Future<Exchange> call) {
        try {
            return call.get();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void refuse(String token) {
        gateway.stubFor(any(anyUrl())
                .withHeader("Authorization", equalTo(token))
                .willReturn(aResponse().withStatus(401).withBody("expired")));
    }

    private List<String> tokensSeen() {
        return gateway.findAll(anyRequestedFor(anyUrl())).stream()
                .map(request -> request.getHeader("Authorization"))
                .toList();
    }

    /** How many there were since the last look. */
    private static int tokenRequests() {
        for (int count = 0; ; count++) {
            try {
                TOKENS.takeRequest(1, TimeUnit.MILLISECONDS);
            } catch (RuntimeException none) {
                return count;
            }
        }
    }
}
