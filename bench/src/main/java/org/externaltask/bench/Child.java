package org.externaltask.bench;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** A Java process of a run, stopped with it; its output is kept in a file. */
final class Child implements AutoCloseable {

    private static final String ALLOCATED = "java.lang:type=Threading";

    private static final int PATIENCE = 600;

    private final Process process;
    private final Path log;
    private JMXConnector jmx;

    private Child(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    static Child ofClass(String name, Class<?> main, List<String> jvm, Object... arguments) {
        return ofClassPath(name, System.getProperty("java.class.path"), main.getName(), jvm, arguments);
    }

    static Child ofClassPath(String name, String classPath, String main, List<String> jvm, Object... arguments) {
        List<String> command = new ArrayList<>(jvm);
        command.addAll(List.of("-cp", classPath, main));
        return start(name, command, arguments);
    }

    static Child ofJar(String name, Path jar, List<String> jvm, Object... arguments) {
        List<String> command = new ArrayList<>(jvm);
        command.addAll(List.of("-jar", jar.toString()));
        return start(name, command, arguments);
    }

    private static Child start(String name, List<String> jvm, Object... arguments) {
        try {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(jvm);
            for (Object argument : arguments) {
                command.add(argument.toString());
            }
            Path log = Files.createDirectories(Home.of("results")).resolve(name + ".log");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            Child child = new Child(builder.start(), log);
            Runtime.getRuntime().addShutdownHook(new Thread(child.process::destroyForcibly));
            return child;
        } catch (IOException e) {
            throw new IllegalStateException("cannot start " + name, e);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    double cpu() {
        return Machine.cpu(pid());
    }

    void mustLive() {
        if (!process.isAlive()) {
            throw new IllegalStateException(
                    "a process ended in the middle of the run with " + process.exitValue() + ": see " + log);
        }
    }

    /** Waits until it ends by itself. */
    void mustEndWell() {
        try {
            if (!process.waitFor(PATIENCE, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("a process does not end: see " + log);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException("a process ended with " + process.exitValue() + ": see " + log);
        }
    }

    /** Bytes that the process' living threads have allocated; from JDK 21 on, all threads. */
    long allocated() {
        try {
            if (jmx == null) {
                // Not by options of the command line: they would make its start slower.
                VirtualMachine machine = VirtualMachine.attach(String.valueOf(pid()));
                try {
                    jmx = JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()));
                } finally {
                    machine.detach();
                }
            }
            MBeanServerConnection server = jmx.getMBeanServerConnection();
            ObjectName threads = new ObjectName(ALLOCATED);
            if (Runtime.version().feature() >= 21) {
                return (long) server.getAttribute(threads, "TotalThreadAllocatedBytes");
            }
            com.sun.management.ThreadMXBean bean = ManagementFactory.newPlatformMXBeanProxy(
                    server, ManagementFactory.THREAD_MXBEAN_NAME, com.sun.management.ThreadMXBean.class);
            long sum = 0;
            for (long bytes : bean.getThreadAllocatedBytes(bean.getAllThreadIds())) {
                sum += Math.max(0, bytes);
            }
            return sum;
        } catch (Exception e) {
            throw new IllegalStateException("cannot ask the process of " + log + " for what it allocated", e);
        }
    }

    @Override
    public void close() {
        try {
            if (jmx != null) {
                jmx.close();
            }
        } catch (IOException e) {
            // The process is about to end anyway.
        }
        process.destroy();
        try {
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
