package org.externaltask.dispatcher.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.message.BasicHeader;
import org.externaltask.dispatcher.configuration.EtdProperties.Authentication;
import org.springframework.boot.ssl.SslBundles;

/** How ETD proves to a peer who it is: by a header. */
interface Credentials {

    /** @param key the configuration key that they are stated below, for messages */
    static Credentials of(String key, Authentication authentication, SslBundles bundles, Egress egress) {
        if (authentication.oauth2() != null) {
            return OAuth2Credentials.of(key + ".oauth2", authentication.oauth2(), bundles, egress);
        }
        if (authentication.apiKey() != null) {
            String value = authentication.apiKey().value();
            return new Fixed(new BasicHeader(authentication.apiKey().header(), value, true), List.of(value));
        }
        if (authentication.bearerToken() != null) {
            String token = authentication.bearerToken();
            return new Fixed(authorization("Bearer " + token), List.of(token));
        }
        if (authentication.username() != null) {
            String user = authentication.username() + ":" + authentication.password();
            String basic = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
            return new Fixed(authorization("Basic " + basic), List.of(authentication.password(), basic));
        }
        return new Fixed(null, List.of());
    }

    /** The header to send; null for none. */
    Header header() throws NoToken;

    /** Whether there may be others when the peer refuses them. */
    default boolean isRenewable() {
        return false;
    }

    /** Another header than the one that the peer has refused; only when they are renewable. */
    default Header insteadOf(Header refused) throws NoToken {
        throw new UnsupportedOperationException("these credentials never change");
    }

    /** What must not be shown to anybody, as of now. */
    Stream<String> secrets();

    static Header authorization(String value) {
        return new BasicHeader(HttpHeaders.AUTHORIZATION, value, true);
    }

    /** Credentials that never change. */
    final class Fixed implements Credentials {

        private final Header header;
        private final List<String> secrets;

        private Fixed(Header header, List<String> secrets) {
            this.header = header;
            this.secrets = secrets;
        }

        @Override
        public Header header() {
            return header;
        }

        @Override
        public Stream<String> secrets() {
            return secrets.stream();
        }
    }
}
