package org.externaltask.dispatcher.http;

import java.net.URISyntaxException;
import java.util.Map;
import java.util.Set;
import org.apache.camel.component.kamelet.KameletEndpointUriFactory;
import org.externaltask.dispatcher.http.HttpPeer.Role;

/**
 * Makes YAML take the parameters {@code path} and {@code query} as they are written. Camel pastes parameters into an endpoint URI
 * without encoding them, so that {@code query: a=1&b=2} would silently lose what follows the {@code &}, and {@code %2F} would
 * become a slash. What Camel regards as a secret it protects from that, so that is what they are here.
 */
class LiteralParameters extends KameletEndpointUriFactory {

    @Override
    public boolean isEnabled(String scheme) {
        return super.isEnabled(scheme) || isPeer(scheme);
    }

    @Override
    public Set<String> secretPropertyNames() {
        return Set.of("path", "query");
    }

    @Override
    public String buildUri(String scheme, Map<String, Object> properties, boolean encode) throws URISyntaxException {
        if (isPeer(scheme)) {
            throw new URISyntaxException(
                    scheme, "the name is missing: write, for example, uri: " + scheme + ":default");
        }
        return super.buildUri(scheme, properties, encode);
    }

    private static boolean isPeer(String scheme) {
        return scheme.equals(Role.ENGINE.scheme()) || scheme.equals(Role.GATEWAY.scheme());
    }
}
