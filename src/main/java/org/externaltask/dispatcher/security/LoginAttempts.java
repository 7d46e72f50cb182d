package org.externaltask.dispatcher.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** Counts logins that fail, so that nobody can try passwords for long: neither from one address, nor for one user from many. */
@Component
class LoginAttempts {

    static final int FROM_ONE_ADDRESS = 10;
    static final int FOR_ONE_USER = 50;
    static final Duration PAUSE = Duration.ofMinutes(1);

    private static final int MOST = 10_000;

    private final Cache<String, Integer> addresses =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(PAUSE).build();
    private final Cache<String, Integer> users =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(PAUSE).build();

    /** From where a user has logged in before: others who try passwords for the same name cannot keep it out. */
    private final Cache<String, Boolean> known = Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterWrite(Duration.ofDays(1))
            .build();

    void succeeded(String address, String user) {
        known.put(pair(address, user), true);
    }

    void failed(String address, String user) {
        addresses.asMap().merge(network(address), 1, Integer::sum);
        users.asMap().merge(name(user), 1, Integer::sum);
    }

    boolean areTooMany(String address, String user) {
        return count(addresses, network(address)) >= FROM_ONE_ADDRESS
                || (count(users, name(user)) >= FOR_ONE_USER && known.getIfPresent(pair(address, user)) == null);
    }

    private static int count(Cache<String, Integer> failures, String key) {
        Integer count = failures.getIfPresent(key);
        return count == null ? 0 : count;
    }

    private static String pair(String address, String user) {
        return network(address) + ' ' + name(user);
    }

    /** Olga and OLGA are the same user, so they are one to be counted, too. */
    private static String name(String user) {
        return user.strip().toLowerCase(Locale.ROOT);
    }

    /** With IPv6, whoever has one address has the other 2^64 of its network, too. */
    private static String network(String address) {
        String[] groups = address.split(":");
        return groups.length < 5 ? address : String.join(":", Arrays.copyOf(groups, 4));
    }
}
