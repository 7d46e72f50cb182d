package org.externaltask.dispatcher.outcome;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.configuration.EtdProperties.Authentication;
import org.springframework.stereotype.Component;

/**
 * Knows the credentials of engines and gateways, and takes them out of what is told about a failure: a gateway may repeat the
 * request in its answer, and whoever looks at incidents need not be one who may know them.
 */
@Component
class Secrets {

    /** Shorter ones are as good as public, and would blot out half of every text. */
    private static final int SHORTEST = 4;

    private final List<String> known;

    Secrets(EtdProperties etd) {
        known = Stream.concat(
                        etd.engines().values().stream().map(EtdProperties.Engine::authentication),
                        etd.gateways().values().stream().map(EtdProperties.Gateway::authentication))
                .flatMap(Secrets::of)
                .filter(secret -> secret.length() >= SHORTEST)
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed()) // one may be part of another
                .toList();
    }

    String mask(String text) {
        String masked = text;
        for (String secret : known) {
            masked = masked.replace(secret, "***");
        }
        return masked;
    }

    private static Stream<String> of(Authentication authentication) {
        String basic = authentication.username() == null
                ? null
                : Base64.getEncoder()
                        .encodeToString((authentication.username() + ":" + authentication.password())
                                .getBytes(StandardCharsets.UTF_8));
        return Stream.of(authentication.bearerToken(), authentication.password(), basic)
                .filter(Objects::nonNull);
    }
}
