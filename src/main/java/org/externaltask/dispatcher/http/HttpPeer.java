package org.externaltask.dispatcher.http;

import java.net.URI;
import java.time.Duration;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.externaltask.dispatcher.configuration.EtdProperties.Engine;
import org.externaltask.dispatcher.configuration.EtdProperties.Gateway;
import org.springframework.boot.ssl.SslBundles;

/**
 * An engine or a gateway as configured: the one place that knows its address and its credentials.
 *
 * @param role whether it is an engine or a gateway
 * @param name the name that routes use
 * @param baseUrl the fixed part of every address behind it, without a slash at the end
 * @param connectTimeout how long a connection may take
 * @param responseTimeout how long an answer may take, unless the call says otherwise
 * @param maxResponseBytes the largest answer that is read
 * @param credentials how ETD proves to it who it is
 * @param tls how a connection to it is secured when its address begins with https
 * @param egress where its name may lead
 */
record HttpPeer(
        Role role,
        String name,
        URI baseUrl,
        Duration connectTimeout,
        Duration responseTimeout,
        int maxResponseBytes,
        Credentials credentials,
        TlsSocketStrategy tls,
        Egress egress) {

    /** What a peer is to ETD; the scheme of its component is its name in lower case. */
    enum Role {
        ENGINE("engine", "engines"),
        GATEWAY("gateway", "gateways");

        private final String scheme;
        private final String key;

        Role(String scheme, String key) {
            this.scheme = scheme;
            this.key = key;
        }

        String scheme() {
            return scheme;
        }

        /** The configuration key of a peer in this role. */
        String key(String name, String property) {
            return "etd." + key + "." + name + "." + property;
        }
    }

    static HttpPeer of(String name, Engine engine, SslBundles bundles, Egress egress) {
        egress.check(Role.ENGINE.key(name, "base-url"), engine.baseUrl());
        return new HttpPeer(
                Role.ENGINE,
                name,
                withoutTrailingSlash(engine.baseUrl()),
                engine.connectTimeout(),
                engine.responseTimeout(),
                engine.maxResponseBytes(),
                Credentials.of(Role.ENGINE.key(name, "authentication"), engine.authentication(), bundles, egress),
                Tls.of(Role.ENGINE.key(name, "ssl-bundle"), engine.sslBundle(), bundles),
                egress);
    }

    static HttpPeer of(String name, Gateway gateway, SslBundles bundles, Egress egress) {
        egress.check(Role.GATEWAY.key(name, "base-url"), gateway.baseUrl());
        return new HttpPeer(
                Role.GATEWAY,
                name,
                withoutTrailingSlash(gateway.baseUrl()),
                gateway.connectTimeout(),
                gateway.responseTimeout(),
                gateway.maxResponseBytes(),
                Credentials.of(Role.GATEWAY.key(name, "authentication"), gateway.authentication(), bundles, egress),
                Tls.of(Role.GATEWAY.key(name, "ssl-bundle"), gateway.sslBundle(), bundles),
                egress);
    }

    /** The name for messages, for example {@code gateway default}; records are printed, and credentials must not be. */
    @Override
    public String toString() {
        return role.scheme() + " " + name;
    }

    private static URI withoutTrailingSlash(URI url) {
        String text = url.toString();
        return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : url;
    }
}
