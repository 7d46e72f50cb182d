package org.externaltask.dispatcher.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.model.BrokerModel;
import org.apache.qpid.server.model.SystemConfig;

/** Where a test's broker is; the embedded one is started for it. */
record TestBroker(String host, int port, SystemLauncher embedded) implements AutoCloseable {

    static TestBroker rabbitMq() {
        String address = System.getenv().getOrDefault("ETD_TEST_RABBITMQ", "127.0.0.1:5672");
        int colon = address.lastIndexOf(':');
        TestBroker broker =
                new TestBroker(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)), null);
        assumeTrue(broker.answers(), "no RabbitMQ at " + address);
        return broker;
    }

    static TestBroker embedded(int port) throws Exception {
        String configuration = """
                {"name": "test", "modelVersion": "%s",
                 "authenticationproviders": [{"name": "plain", "type": "Plain", "secureOnlyMechanisms": [],
                   "users": [{"name": "guest", "type": "managed", "password": "guest"}]}],
                 "ports": [{"name": "AMQP", "port": "%d", "bindingAddress": "127.0.0.1", "authenticationProvider": "plain",
                   "protocols": ["AMQP_0_9_1"], "virtualhostaliases": [{"name": "default", "type": "defaultAlias"}]}],
                 "virtualhostnodes": [{"name": "default", "type": "Memory", "defaultVirtualHostNode": "true",
                   "virtualHostInitialConfiguration": "{\\"type\\": \\"Memory\\"}"}]}
                """.formatted(BrokerModel.MODEL_VERSION, port);
        Path file = Files.createTempFile("broker", ".json");
        Files.writeString(file, configuration);
        SystemLauncher launcher = new SystemLauncher();
        launcher.startup(Map.of(
                SystemConfig.TYPE,
                "Memory",
                SystemConfig.INITIAL_CONFIGURATION_LOCATION,
                file.toUri().toString(),
                SystemConfig.STARTUP_LOGGED_TO_SYSTEM_OUT,
                false,
                SystemConfig.CONTEXT,
                Map.of(
                        "qpid.work_dir",
                        Files.createTempDirectory("broker").toString(),
                        "queue.behaviourOnUnknownDeclareArgument",
                        "LOG")));
        TestBroker broker = new TestBroker("127.0.0.1", port, launcher);
        assertThat(broker.answers()).as("the embedded broker listens").isTrue();
        return broker;
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        if (embedded != null) {
            embedded.shutdown();
        }
    }
}
