package org.externaltask.dispatcher.outcome;

import java.util.Comparator;
import org.externaltask.dispatcher.http.ConfiguredPeers;
import org.springframework.stereotype.Component;

/**
 * Knows the credentials of engines and gateways, and takes them out of what is told about a failure: a gateway may repeat the
 * request in its answer, and whoever looks at incidents need not be one who may know them.
 */
@Component
class Secrets {

    /** Shorter ones are as good as public, and would blot out half of every text. */
    private static final int SHORTEST = 4;

    private final ConfiguredPeers peers;

    Secrets(ConfiguredPeers peers) {
        this.peers = peers;
    }

    String mask(String text) {
        return peers.secrets()
                .filter(secret -> secret.length() >= SHORTEST)
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed()) // one may be part of another
                .reduce(text, (masked, secret) -> masked.replace(secret, "***"));
    }
}
