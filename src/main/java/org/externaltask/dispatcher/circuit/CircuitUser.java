package org.externaltask.dispatcher.circuit;

import java.util.Optional;
import org.apache.camel.Exchange;

/**
 * Whose tasks leave the fetch when a circuit opens. Users are told apart by identity: the same topic with an edited route is a new one,
 * of which no circuit knows anything.
 */
public interface CircuitUser {

    /** The topic, for people. */
    String topic();

    /** Says for whom an exchange makes its calls. */
    static void attach(CircuitUser user, Exchange exchange) {
        exchange.setProperty(Circuit.USER, user);
    }

    /** For whom an exchange makes its calls; empty in a route that receives messages. */
    static Optional<CircuitUser> of(Exchange exchange) {
        return Optional.ofNullable(exchange.getProperty(Circuit.USER, CircuitUser.class));
    }
}
