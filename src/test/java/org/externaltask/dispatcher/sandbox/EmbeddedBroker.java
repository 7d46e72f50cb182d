package org.externaltask.dispatcher.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.SystemLauncherListener.DefaultSystemLauncherListener;
import org.apache.qpid.server.model.Broker;
import org.apache.qpid.server.model.SystemConfig;
import org.springframework.util.FileSystemUtils;

/** A message broker for AMQP 0-9-1 (Qpid Broker-J) that keeps everything in memory; user and password are guest. */
public final class EmbeddedBroker implements AutoCloseable {

    private final SystemLauncher launcher;
    private final Path workFolder;
    private final int port;

    private EmbeddedBroker(SystemLauncher launcher, Path workFolder, int port) {
        this.launcher = launcher;
        this.workFolder = workFolder;
        this.port = port;
    }

    /** Starts a broker; port 0 takes a free one. */
    public static EmbeddedBroker start(int port) {
        try {
            Path workFolder = Files.createTempDirectory("sandbox-broker");
            Ports ports = new Ports();
            SystemLauncher launcher = new SystemLauncher(ports);
            launcher.startup(Map.of(
                    SystemConfig.TYPE,
                    "Memory",
                    SystemConfig.INITIAL_CONFIGURATION_LOCATION,
                    EmbeddedBroker.class.getResource("/sandbox/broker.json").toString(),
                    SystemConfig.STARTUP_LOGGED_TO_SYSTEM_OUT,
                    false,
                    SystemConfig.CONTEXT,
                    // RabbitMQ's own arguments, such as x-queue-type, are unknown here and must not fail a declaration.
                    Map.of(
                            "qpid.work_dir",
                            workFolder.toString(),
                            "sandbox.broker.port",
                            Integer.toString(port),
                            "queue.behaviourOnUnknownDeclareArgument",
                            "IGNORE",
                            "exchange.behaviourOnUnknownDeclareArgument",
                            "IGNORE")));
            return new EmbeddedBroker(launcher, workFolder, ports.amqp());
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
        try {
            FileSystemUtils.deleteRecursively(workFolder);
        } catch (IOException e) {
            throw new IllegalStateException("The embedded broker's folder " + workFolder + " was not deleted", e);
        }
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
