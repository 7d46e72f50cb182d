package org.externaltask.dispatcher.broker;

import com.rabbitmq.client.ShutdownSignalException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionListener;
import org.springframework.stereotype.Component;

/** Says once that the broker is away, and once that it is back, however often is tried in between. */
@Component
class ConnectionLog implements ConnectionListener {

    private static final Logger log = LoggerFactory.getLogger(ConnectionLog.class);

    private final AtomicBoolean away = new AtomicBoolean();
    private volatile boolean connected;
    private volatile String problem;
    private final String broker;

    ConnectionLog(ConnectionFactory connections) {
        broker = connections.getHost() + ":" + connections.getPort();
        connections.addConnectionListener(this);
    }

    /** Whether there has been a connection, or the wish for one. */
    boolean isUsed() {
        return connected || away.get();
    }

    /** Why the broker cannot be reached; null while it can. */
    String problem() {
        return away.get() ? problem : null;
    }

    @Override
    public void onCreate(Connection connection) {
        connected = true;
        if (away.getAndSet(false)) {
            log.info("The broker at {} is back", broker);
        }
    }

    @Override
    public void onShutDown(ShutdownSignalException signal) {
        if (!signal.isInitiatedByApplication()) {
            onFailed(signal);
        }
    }

    @Override
    public void onFailed(Exception failure) {
        problem = "the broker at " + broker + " is away (" + failure.getMessage() + ")";
        if (!away.getAndSet(true)) {
            log.warn("The broker at {} is away ({}); trying again until it is back", broker, failure.getMessage());
        }
    }
}
