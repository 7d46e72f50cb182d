package org.externaltask.dispatcher.broker;

import com.rabbitmq.client.BlockedListener;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.circuit.Circuits;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionListener;
import org.springframework.stereotype.Component;

/**
 * Opens the broker's circuit when the broker says that it takes no messages, because it is short of memory or disk space, and closes it
 * when the broker says that this is over. A connection that breaks meanwhile will never say so.
 */
@Component
class BlockedConnections implements ConnectionListener {

    private final Circuit circuit;
    private final Set<com.rabbitmq.client.Connection> blocked = ConcurrentHashMap.newKeySet();

    BlockedConnections(ConnectionFactory connections, Circuits circuits) {
        this.circuit = circuits.broker();
        connections.addConnectionListener(this);
    }

    @Override
    public void onCreate(Connection created) {
        com.rabbitmq.client.Connection connection = created.getDelegate();
        connection.addBlockedListener(new BlockedListener() {
            @Override
            public void handleBlocked(String reason) {
                blocked.add(connection);
                circuit.block("the broker has blocked publishing (" + reason + ")");
            }

            @Override
            public void handleUnblocked() {
                unblocked(connection, true);
            }
        });
        connection.addShutdownListener(signal -> unblocked(connection, false));
    }

    private void unblocked(com.rabbitmq.client.Connection connection, boolean known) {
        if (blocked.remove(connection) && blocked.isEmpty()) {
            circuit.unblock(known);
        }
    }
}
