package org.externaltask.dispatcher.sandbox;

import java.time.Duration;
import java.util.Map;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.SystemLauncherListener.DefaultSystemLauncherListener;
import org.apache.qpid.server.model.Broker;
import org.apache.qpid.server.model.Exchange;
import org.apache.qpid.server.model.Queue;
import org.apache.qpid.server.model.SystemConfig;
import org.apache.qpid.server.model.VirtualHost;

/** A message broker for AMQP 0-9-1 (Qpid Broker-J) that keeps everything in memory; user and password are guest. */
public final class EmbeddedBroker implements AutoCloseable {

    private static final Map<String, Duration> RETRY_DELAYS = Map.of(
            "etd.retry.2s", Duration.ofSeconds(2),
            "etd.retry.10s", Duration.ofSeconds(10),
            "etd.retry.30s", Duration.ofSeconds(30));

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
                    "virtualhost.housekeepingCheckPeriod", // how often it looks for messages whose time is over
                    "200",
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
            prepareRetries(ports.broker());
            return new EmbeddedBroker(launcher, ports.amqp());
        } catch (Exception e) {
            throw new IllegalStateException("The embedded broker did not start on port " + port, e);
        }
    }

    /** The retry queues of the dispatcher's defaults, which it cannot declare itself here: RabbitMQ's arguments mean nothing to Qpid. */
    private static void prepareRetries(Broker<?> broker) {
        VirtualHost<?> host = broker.getVirtualHostNodes().iterator().next().getVirtualHost();
        host.createChild(Exchange.class, Map.of("name", "etd.retry.back", "type", "direct", "durable", true));
        RETRY_DELAYS.forEach((queue, delay) -> host.createChild(
                Queue.class,
                Map.of(
                        "name",
                        queue,
                        "durable",
                        true,
                        "maximumMessageTtl",
                        delay.toMillis(),
                        "expiryPolicy",
                        "ROUTE_TO_ALTERNATE",
                        "alternateBinding",
                        Map.of("destination", "etd.retry.back"))));
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
            return broker().getPorts().iterator().next().getBoundPort();
        }

        Broker<?> broker() {
            return (Broker<?>) system.getContainer();
        }
    }
}
