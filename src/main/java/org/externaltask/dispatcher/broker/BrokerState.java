package org.externaltask.dispatcher.broker;

import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.circuit.Circuits;
import org.springframework.stereotype.Component;

/** Says how the broker is, for people. */
@Component
public class BrokerState {

    private final ConnectionLog connections;
    private final Circuits circuits;

    BrokerState(ConnectionLog connections, Circuits circuits) {
        this.connections = connections;
        this.circuits = circuits;
    }

    /**
     * How the broker is.
     *
     * @param state {@code UP}, {@code DOWN}, {@code BLOCKED} (it takes no messages for now) or {@code UNUSED} (no route has needed it)
     * @param circuit the state of its circuit
     * @param reason why it is not up; null when it is
     */
    public record State(String state, String circuit, String reason) {}

    /** How it is now. */
    public State now() {
        Circuit.Status circuit = circuits.broker().status();
        if (connections.problem() != null) {
            return new State("DOWN", circuit.state(), connections.problem());
        }
        if (!circuit.closed()) {
            String state = circuit.state().equals("blocked") ? "BLOCKED" : "DOWN";
            return new State(state, circuit.state(), circuit.lastError());
        }
        return new State(connections.isUsed() ? "UP" : "UNUSED", circuit.state(), null);
    }
}
