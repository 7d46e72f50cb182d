package org.externaltask.dispatcher.sandbox;

import java.util.Map;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.SystemLauncherListener.DefaultSystemLauncherListener;
import org.apache.qpid.server.model.Broker;
import org.apache.qpid.server.model.SystemConfig;

/** A message broker for AMQP 0-9-1 (Qpid Broker-J) that keeps everything in memory; user and password are guest. */
public final class EmbeddedBroker implements AutoCloseable {

    private final SystemLauncher launcher;
    private final int port;

    private EmbeddedBroker(SystemLauncher launcher, int port) {
        this.launcher = launcher;
        this.port = port;
    }

    /** Starts a broker; port 0 takes a free one. */
    public static EmbeddedBroker start(int port) {
        try {
            Ports ports = new Ports();
            SystemLauncher launcher = new SystemLauncher(ports);
            // RabbitMQ's own arguments, such as x-queue-type, are unknown here and must not fail a declaration.
            Map<String, String> context = Map.of(
                    "qpid.work_dir",
                    System.getProperty("java.io.tmpdir"),
                    "sandbox.broker.port",
                    Integer.toString(port),
                    "queue.behaviourOnUnknownDeclareArgument",
                    "IGNORE",
                    "exchange.behaviourOnUnknownDeclareArgument",
                    "IGNORE");
            String configuration =
                    EmbeddedBroker.class.getResource("/sandbox/broker.json").toString();
            launcher.startup(Map.of(
                    SystemConfig.TYPE,
                    "Memory",
                    SystemConfig.INITIAL_CONFIGURATION_LOCATION,
                    configuration,
                    SystemConfig.STARTUP_LOGGED_TO_SYSTEM_OUT,
                    false,
                    SystemConfig.CONTEXT,
                    context));
            return new EmbeddedBroker(launcher, ports.amqp());
        } catch (Exception e) {
            throw new IllegalStateException("The embedded broker did not start on port " + port, e);
        }
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        launcher.shutdown();
    }

    /** Knows the port that the broker really got. */
    private static final class Ports extends DefaultSystemLauncherListener {

        private SystemConfig<?> system;

        @Override
        public void onContainerResolve(SystemConfig<?> system) {
            this.system = system;
        }

        int amqp() {
            Broker<?> broker = (Broker<?>) system.getContainer();
            return broker.getPorts().iterator().next().getBoundPort();
        }
    }
}
