package org.externaltask.dispatcher.sandbox;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.springframework.util.FileSystemUtils;

/**
 * A RabbitMQ node that belongs to one test, which may stop it, kill it and let it run short of memory. Where RabbitMQ is not installed
 * the test is skipped, unless {@code ETD_TEST_REQUIRE_RABBITMQ=true}. The node never outlives the JVM; Erlang's port mapper, which
 * all nodes of a machine share, may.
 */
public final class OwnRabbitMq implements AutoCloseable {

    private static final String SERVER = "rabbitmq-server";
    private static final Path DEBIAN =
            Path.of("/usr/lib/rabbitmq/bin"); // those on Debian's PATH insist on a user of their own
    private static final Duration START = Duration.ofSeconds(120);

    private final Path programs;
    private final Path folder;
    private final RabbitMq address;
    private final String node;
    private final int distributionPort;
    private final Thread killer = new Thread(this::kill, "kill-rabbitmq");
    private Process process;

    private OwnRabbitMq(Path programs) throws IOException {
        this.programs = programs;
        this.folder = Files.createTempDirectory("rabbitmq");
        this.address = new RabbitMq("127.0.0.1", FreePort.find());
        this.node = "etd-test-" + address.port() + "@localhost";
        this.distributionPort = FreePort.find();
        Files.writeString(folder.resolve("plugins"), "[].");
        Files.writeString(
                folder.resolve("rabbitmq.conf"),
                "listeners.tcp.1 = %s:%d%nloopback_users = none%n".formatted(address.host(), address.port()));
    }

    /** Starts a node with nothing in it, and waits until it answers. */
    public static OwnRabbitMq started() {
        try {
            OwnRabbitMq rabbitMq = new OwnRabbitMq(installed().orElseGet(OwnRabbitMq::missing));
            Runtime.getRuntime().addShutdownHook(rabbitMq.killer);
            rabbitMq.start();
            return rabbitMq;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String host() {
        return address.host();
    }

    public int port() {
        return address.port();
    }

    /** Starts the node, with what it had stored when it was stopped or killed, and waits until it answers. */
    public void start() {
        process = run(SERVER);
        Awaitility.await("start of RabbitMQ, see " + folder)
                .atMost(START)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    if (!process.isAlive()) {
                        fail("RabbitMQ does not start: " + Files.readString(folder.resolve(SERVER + ".log")));
                    }
                    return address.answers();
                });
    }

    /** Stops the node as an operator would, and waits until it is gone. */
    public void stop() {
        control("stop", String.valueOf(pidFile()));
        kill();
    }

    /** Ends the node at once, as {@code kill -9} or a power failure would. */
    public void kill() {
        if (process == null) {
            return;
        }
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(one -> one.onExit().orTimeout(10, TimeUnit.SECONDS).join());
        process = null;
    }

    /** As if the machine had no memory left: connections that publish are blocked until the alarm is over. */
    public void memoryAlarm(boolean on) {
        control("set_vm_memory_high_watermark", on ? "0.0001" : "0.4");
    }

    /** Runs {@code rabbitmqctl}, waits until it has done its work, and returns what it printed. */
    public String control(String... command) {
        List<String> all = new ArrayList<>(List.of("-n", node));
        all.addAll(List.of(command));
        Process control = run("rabbitmqctl", all.toArray(String[]::new));
        try {
            if (!control.waitFor(60, TimeUnit.SECONDS) || control.exitValue() != 0) {
                control.destroyForcibly();
                fail(String.join(" ", command) + ": " + Files.readString(folder.resolve("rabbitmqctl.log")));
            }
            return Files.readString(folder.resolve("rabbitmqctl.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        kill();
        Runtime.getRuntime().removeShutdownHook(killer);
        FileSystemUtils.deleteRecursively(folder);
    }

    private Process run(String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(programs.resolve(program).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(program + ".log").toFile());
        builder.environment().putAll(settings());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, String> settings() {
        return Map.of(
                "HOME", folder.toString(), // where Erlang keeps the cookie by which rabbitmqctl may command the node
                "RABBITMQ_CONF_ENV_FILE", "/dev/null",
                "RABBITMQ_CONFIG_FILE", folder.resolve("rabbitmq.conf").toString(),
                "RABBITMQ_ENABLED_PLUGINS_FILE", folder.resolve("plugins").toString(),
                "RABBITMQ_NODENAME", node,
                "RABBITMQ_DIST_PORT", String.valueOf(distributionPort),
                "RABBITMQ_MNESIA_BASE", folder.resolve("data").toString(),
                "RABBITMQ_LOG_BASE", folder.resolve("log").toString(),
                "RABBITMQ_PID_FILE", pidFile().toString(),
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+sbwt none +sbwtdcpu none +sbwtdio none"); // no busy waiting
    }

    private Path pidFile() {
        return folder.resolve("pid");
    }

    private static Optional<Path> installed() {
        return Stream.concat(
                        Stream.of(DEBIAN),
                        Stream.of(System.getenv("PATH").split(File.pathSeparator))
                                .map(Path::of))
                .filter(programs -> Files.isExecutable(programs.resolve(SERVER)))
                .findFirst();
    }

    private static Path missing() {
        String message = "there is no " + SERVER + " on the PATH; install RabbitMQ";
        return RabbitMq.isRequired() ? fail(message) : abort(message);
    }
}
