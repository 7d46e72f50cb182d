package org.externaltask.dispatcher.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.util.Timeout;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientResponseException;

/** Asks a token endpoint for tokens, and says what is wrong when there is none. */
final class TokenEndpoint {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(10);

    /** How long before its end a token is given up, at most: it has to outlive the call that it is sent with. */
    private static final Duration LONGEST_MARGIN = Duration.ofSeconds(30);

    /** For a token endpoint that does not say: a token that ends sooner is refused, and fetched again then. */
    private static final Duration UNSTATED_LIFE = Duration.ofMinutes(5);

    private static final Set<String> ABOUT_THE_SCOPE = Set.of("invalid_scope", "invalid_target");
    private static final Set<String> ABOUT_THE_CLIENT =
            Set.of("invalid_client", "unauthorized_client", "invalid_grant", "access_denied");

    private final String key;
    private final URI uri;
    private final OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> client;

    /** @param key the configuration key that it is stated below, for messages */
    TokenEndpoint(String key, URI uri, TlsSocketStrategy tls, Egress egress) {
        this.key = key;
        this.uri = uri;
        RestClientClientCredentialsTokenResponseClient asking = new RestClientClientCredentialsTokenResponseClient();
        asking.setRestClient(restClient(tls, egress));
        this.client = asking;
    }

    private static RestClient restClient(TlsSocketStrategy tls, Egress egress) {
        HttpClientBuilder settings = HttpClientBuilder.create()
                .setUserAgent("external-task-dispatcher")
                .setConnectionManager(Connections.to(tls, egress, CONNECT_TIMEOUT))
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(Timeout.of(RESPONSE_TIMEOUT))
                        .setAuthenticationEnabled(false)
                        .build())
                .disableRedirectHandling() // would take the client secret along
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableConnectionState();
        return RestClient.builder()
                .requestFactory(new HttpComponentsClientHttpRequestFactory(settings.build()))
                .messageConverters(converters -> {
                    converters.clear();
                    converters.add(new FormHttpMessageConverter());
                    converters.add(new OAuth2AccessTokenResponseHttpMessageConverter());
                })
                .build();
    }

    /** A new token, which expires a little sooner than the token endpoint says, counted from now. */
    OAuth2AccessTokenResponse token(OAuth2ClientCredentialsGrantRequest request) {
        OAuth2AccessTokenResponse response = client.getTokenResponse(request);
        Instant issued = response.getAccessToken().getIssuedAt();
        Duration stated = Duration.between(issued, response.getAccessToken().getExpiresAt());
        Duration life = stated.toSeconds() > 1 ? stated : UNSTATED_LIFE; // Spring makes one second of no word about it
        Duration tenth = life.dividedBy(10);
        Duration margin = tenth.compareTo(LONGEST_MARGIN) < 0 ? tenth : LONGEST_MARGIN;
        return OAuth2AccessTokenResponse.withResponse(response)
                .expiresIn(life.minus(margin).toSeconds())
                .build();
    }

    /** What is wrong, and what to do. */
    NoToken failure(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof RestClientResponseException answer) {
                return answered(answer.getStatusCode().value(), errorCode(answer.getResponseBodyAsByteArray()));
            }
            if (cause instanceof ResourceAccessException && cause.getCause() instanceof IOException failed) {
                return NoToken.forNow("%s %s; see that it runs, and that %s.token-uri and ssl-bundle are right"
                        .formatted(this, HttpCallFailed.whatHappened(failed, CONNECT_TIMEOUT, RESPONSE_TIMEOUT), key));
            }
        }
        return error instanceof InterruptedException
                ? NoToken.forNow(this + " was not waited for: the dispatcher stops")
                : NoToken.forNow(
                        "%s answered without a usable token; see that %s.token-uri is right".formatted(this, key));
    }

    private NoToken answered(int status, String errorCode) {
        if (status == 408 || status == 425 || status == 429 || status >= 500) {
            return NoToken.forNow("%s answered %d; look at its log if that goes on".formatted(this, status));
        }
        String answered = "answered " + status + (errorCode.isEmpty() ? "" : " (" + errorCode + ")");
        String remedy;
        if (ABOUT_THE_SCOPE.contains(errorCode)) {
            remedy = "scope";
        } else if (status == 401 || status == 403 || ABOUT_THE_CLIENT.contains(errorCode)) {
            remedy = "client-id and client-secret";
        } else {
            remedy = "token-uri";
        }
        return NoToken.refused("%s %s: correct %s.%s".formatted(this, answered, key, remedy));
    }

    /** OAuth2's word for what is wrong; empty when the answer has none, or something that is not one. */
    private static String errorCode(byte[] body) {
        try {
            JsonNode answer = JsonBody.parse(body);
            String code = answer == null ? "" : answer.path("error").asText("");
            return code.matches("[a-z_]{1,40}") ? code : "";
        } catch (JsonProcessingException e) {
            return "";
        }
    }

    @Override
    public String toString() {
        return "the token endpoint " + uri;
    }
}
