package org.externaltask.dispatcher.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoginAttemptsTest {

    private final LoginAttempts attempts = new LoginAttempts();

    @Test
    void ten_that_fail_are_enough_for_an_address_whatever_the_name() {
        fail("10.0.0.1", LoginAttempts.FROM_ONE_ADDRESS - 1);
        assertThat(attempts.areTooMany("10.0.0.1", "olga")).isFalse();

        fail("10.0.0.1", 1);
        assertThat(attempts.areTooMany("10.0.0.1", "victor")).isTrue();
        assertThat(attempts.areTooMany("10.0.0.2", "olga")).isFalse();
    }

    @Test
    void all_addresses_of_one_ipv6_network_are_one() {
        fail("2001:db8:0:1:0:0:0:1", LoginAttempts.FROM_ONE_ADDRESS);

        assertThat(attempts.areTooMany("2001:db8:0:1:ffff:0:0:2", "olga")).isTrue();
        assertThat(attempts.areTooMany("2001:db8:0:2:0:0:0:1", "olga")).isFalse();
    }

    @Test
    void many_addresses_cannot_try_one_name_for_long_nor_keep_its_owner_out() {
        attempts.succeeded("10.1.1.1", "olga");
        for (int i = 0; i < LoginAttempts.FOR_ONE_USER; i++) {
            attempts.failed("10.0.0." + i, "olga");
        }

        assertThat(attempts.areTooMany("10.2.2.2", "olga")).isTrue();
        assertThat(attempts.areTooMany("10.2.2.2", "victor")).isFalse();
        assertThat(attempts.areTooMany("10.1.1.1", "olga")).isFalse();
    }

    @Test
    void another_way_to_write_a_name_is_no_other_name() {
        for (int i = 0; i < LoginAttempts.FOR_ONE_USER; i++) {
            attempts.failed("10.0.0." + i, i % 2 == 0 ? "olga" : "OLGA");
        }

        assertThat(attempts.areTooMany("10.2.2.2", "Olga")).isTrue();
    }

    private void fail(String address, int times) {
        for (int i = 0; i < times; i++) {
            attempts.failed(address, "olga");
        }
    }
}
