package org.externaltask.dispatcher.http;

import java.io.IOException;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.DefaultHostnameVerifier;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.reactor.ssl.SSLBufferMode;
import org.apache.hc.core5.ssl.SSLContexts;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/**
 * Secures connections with the certificates of an SSL bundle, or with those that Java trusts. The name in the certificate is always
 * compared with the host that is called.
 */
final class Tls implements TlsSocketStrategy {

    /** Named here, because a bundle or Java's own settings could allow older ones. */
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private volatile TlsSocketStrategy current;

    private Tls(TlsSocketStrategy current) {
        this.current = current;
    }

    /**
     * @param key the configuration key that names the bundle, for messages
     * @param name the bundle; null for what Java trusts
     */
    static Tls of(String key, String name, SslBundles bundles) {
        if (name == null) {
            return new Tls(strategy(SSLContexts.createSystemDefault(), null));
        }
        try {
            Tls tls = new Tls(strategy(bundles.getBundle(name)));
            // For new connections only: those that are open end by themselves, and calls on them with them.
            bundles.addBundleUpdateHandler(name, renewed -> tls.current = strategy(renewed));
            return tls;
        } catch (NoSuchSslBundleException e) {
            throw new InvalidConfigurationPropertyValueException(
                    key,
                    name,
                    "There is no SSL bundle of that name: set spring.ssl.bundle.pem.%s.* or correct the name"
                            .formatted(name));
        }
    }

    @Override
    public SSLSocket upgrade(Socket socket, String target, int port, Object attachment, HttpContext context)
            throws IOException {
        return current.upgrade(socket, target, port, attachment, context);
    }

    private static TlsSocketStrategy strategy(SslBundle bundle) {
        return strategy(bundle.createSslContext(), bundle.getOptions().getCiphers());
    }

    private static TlsSocketStrategy strategy(SSLContext context, String[] ciphers) {
        return new DefaultClientTlsStrategy(
                context,
                PROTOCOLS,
                ciphers,
                SSLBufferMode.STATIC,
                HostnameVerificationPolicy.BOTH,
                new DefaultHostnameVerifier());
    }
}
