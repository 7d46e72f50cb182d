package org.externaltask.dispatcher.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Compares passwords by bcrypt, which is slow on purpose. A program sends its password with each request, so right ones are
 * remembered for a while, as a keyed hash that is of no use outside this process.
 */
final class Passwords implements PasswordEncoder {

    private static final int USUAL_STRENGTH = 10;
    private static final String MAC = "HmacSHA256";

    private final BCryptPasswordEncoder bcrypt;
    private final SecretKeySpec key;
    private final Cache<String, Boolean> right = Caffeine.newBuilder()
            .maximumSize(1_000)
            .expireAfterWrite(Duration.ofMinutes(10))
            .build();

    private Passwords(int strength) {
        this.bcrypt = new BCryptPasswordEncoder(strength);
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.key = new SecretKeySpec(random, MAC);
    }

    /** As slow as the slowest of these: names that there are not must take as long as those that there are. */
    static Passwords of(Collection<EtdProperties.User> users) {
        return new Passwords(users.stream()
                .filter(EtdProperties.User::isHashed)
                .mapToInt(user -> Integer.parseInt(user.secret().split("\\$")[2]))
                .max()
                .orElse(USUAL_STRENGTH));
    }

    String hashOf(EtdProperties.User user) {
        return user.isHashed() ? user.secret() : encode(user.secret());
    }

    @Override
    public String encode(CharSequence password) {
        return bcrypt.encode(password);
    }

    @Override
    public boolean matches(CharSequence password, String hash) {
        String pair = keyed(hash + ' ' + password);
        if (right.getIfPresent(pair) != null) {
            return true;
        }
        boolean matches = bcrypt.matches(password, hash);
        if (matches) {
            right.put(pair, true);
        }
        return matches;
    }

    private String keyed(String text) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java has " + MAC, e);
        }
    }
}
