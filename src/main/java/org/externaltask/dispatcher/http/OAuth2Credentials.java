package org.externaltask.dispatcher.http;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.apache.hc.core5.http.Header;
import org.externaltask.dispatcher.configuration.EtdProperties.OAuth2;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ClientCredentialsOAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

/**
 * A token of OAuth2's client credentials grant. Spring Security fetches and keeps it; here it is seen to that calls that need a new
 * one at the same time share one request, and its failure, too.
 */
final class OAuth2Credentials implements Credentials {

    private static final String ETD = "etd";

    private final TokenEndpoint endpoint;
    private final ClientRegistration client;
    private final OAuth2AuthorizedClientService tokens;
    private final OAuth2AuthorizedClientManager manager;
    private FutureTask<String> request;
    private volatile String previous;

    private OAuth2Credentials(TokenEndpoint endpoint, ClientRegistration client) {
        this.endpoint = endpoint;
        this.client = client;
        InMemoryClientRegistrationRepository clients = new InMemoryClientRegistrationRepository(client);
        this.tokens = new InMemoryOAuth2AuthorizedClientService(clients);
        ClientCredentialsOAuth2AuthorizedClientProvider provider =
                new ClientCredentialsOAuth2AuthorizedClientProvider();
        provider.setAccessTokenResponseClient(endpoint::token);
        provider.setClockSkew(Duration.ZERO); // the endpoint gives tokens a shorter life already
        AuthorizedClientServiceOAuth2AuthorizedClientManager cache =
                new AuthorizedClientServiceOAuth2AuthorizedClientManager(clients, tokens);
        cache.setAuthorizedClientProvider(provider);
        this.manager = cache;
    }

    /** @param key the configuration key that they are stated below, for messages */
    static OAuth2Credentials of(String key, OAuth2 settings, SslBundles bundles, Egress egress) {
        egress.check(key + ".token-uri", settings.tokenUri());
        Tls tls = Tls.of(key + ".ssl-bundle", settings.sslBundle(), bundles);
        return new OAuth2Credentials(new TokenEndpoint(key, settings.tokenUri(), tls, egress), client(key, settings));
    }

    static ClientRegistration client(String key, OAuth2 settings) {
        return ClientRegistration.withRegistrationId(key)
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                .clientAuthenticationMethod(
                        switch (settings.clientAuthenticationMethod()) {
                            case CLIENT_SECRET_BASIC -> ClientAuthenticationMethod.CLIENT_SECRET_BASIC;
                            case CLIENT_SECRET_POST -> ClientAuthenticationMethod.CLIENT_SECRET_POST;
                        })
                .tokenUri(settings.tokenUri().toString())
                .clientId(settings.clientId())
                .clientSecret(settings.clientSecret())
                .scope(
                        settings.scope() == null
                                ? null
                                : List.of(settings.scope().trim().split(" +")))
                .build();
    }

    @Override
    public Header header() throws NoToken {
        return bearer(token(null));
    }

    @Override
    public boolean isRenewable() {
        return true;
    }

    @Override
    public Header insteadOf(Header refused) throws NoToken {
        return bearer(token(refused.getValue()));
    }

    @Override
    public Stream<String> secrets() {
        return Stream.of(client.getClientSecret(), kept(), previous).filter(Objects::nonNull);
    }

    private static Header bearer(String token) {
        return Credentials.authorization("Bearer " + token);
    }

    /** @param refused the header whose token is of no use any more; null when none is known not to be */
    private String token(String refused) throws NoToken {
        FutureTask<String> asked;
        boolean first = false;
        synchronized (this) {
            OAuth2AuthorizedClient known = known();
            if (known != null) {
                String token = known.getAccessToken().getTokenValue();
                boolean expired = !Instant.now()
                        .isBefore(Objects.requireNonNull(known.getAccessToken().getExpiresAt()));
                if (!expired && !bearer(token).getValue().equals(refused)) {
                    return token;
                }
                previous = token;
                tokens.removeAuthorizedClient(client.getRegistrationId(), ETD);
            }
            if (request == null) {
                request = new FutureTask<>(this::fetched);
                first = true;
            }
            asked = request;
        }
        if (first) {
            asked.run();
            synchronized (this) {
                request = null;
            }
        }
        return outcome(asked);
    }

    private String fetched() {
        return Objects.requireNonNull(
                        manager.authorize(OAuth2AuthorizeRequest.withClientRegistrationId(client.getRegistrationId())
                                .principal(ETD)
                                .build()))
                .getAccessToken()
                .getTokenValue();
    }

    private String outcome(FutureTask<String> asked) throws NoToken {
        try {
            return asked.get();
        } catch (ExecutionException e) {
            throw endpoint.failure(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw endpoint.failure(e);
        }
    }

    private OAuth2AuthorizedClient known() {
        return tokens.loadAuthorizedClient(client.getRegistrationId(), ETD);
    }

    private String kept() {
        OAuth2AuthorizedClient known = known();
        return known == null ? null : known.getAccessToken().getTokenValue();
    }
}
