package org.externaltask.dispatcher.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A program of this project in a JVM of its own, which can be stopped, halted and killed like any process. It never outlives the JVM
 * that started it.
 */
public final class JavaProcess implements AutoCloseable {

    private static final Duration START = Duration.ofMinutes(3);

    private final Process process;
    private final Path log;
    private final Thread killer;

    private JavaProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.killer = new Thread(process::destroyForcibly, "kill-" + process.pid());
    }

    /**
     * Starts the program and does not wait for it.
     *
     * @param log what it says goes there
     */
    public static JavaProcess start(Class<?> program, Path log, List<String> arguments, String... jvmOptions) {
        List<String> options = new ArrayList<>(List.of(jvmOptions));
        options.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        return start(options, log, arguments);
    }

    /** Starts the program that a jar holds, as {@code java -jar} does, and does not wait for it. */
    public static JavaProcess start(Path jar, Path log, List<String> arguments) {
        return start(jar, log, Map.of(), arguments);
    }

    /** @param environment what it has in its environment besides what this JVM has */
    public static JavaProcess start(Path jar, Path log, Map<String, String> environment, List<String> arguments) {
        return start(Path.of(""), List.of("-jar", jar.toString()), log, environment, arguments);
    }

    private static JavaProcess start(List<String> program, Path log, List<String> arguments) {
        return start(Path.of(""), program, log, Map.of(), arguments);
    }

    /**
     * Starts a program in a folder of its own, and does not wait for it.
     *
     * @param program what stands after {@code java}
     */
    public static JavaProcess start(
            Path folder, List<String> program, Path log, Map<String, String> environment, List<String> arguments) {
        return start(Jdk.ofThisProcess(), folder, program, log, environment, arguments);
    }

    /** Starts a program in a folder of its own with a JDK of its own, and does not wait for it. */
    public static JavaProcess start(
            Jdk jdk,
            Path folder,
            List<String> program,
            Path log,
            Map<String, String> environment,
            List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                jdk.java().toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1", // starts in half the time, and does not live long enough to miss the other
                // levels
                "-XX:+UseSerialGC"));
        command.addAll(program);
        command.addAll(arguments);
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toAbsolutePath().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            JavaProcess started = new JavaProcess(builder.start(), log);
            Runtime.getRuntime().addShutdownHook(started.killer);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it has said this, for example that it is up. */
    public void awaitSaid(String text) {
        Awaitility.await("'" + text + "' in " + log).atMost(START).until(() -> {
            if (!process.isAlive() && !log().contains(text)) {
                throw new IllegalStateException("ended with " + process.exitValue() + ": " + log());
            }
            return log().contains(text);
        });
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Sends it a signal by name: TERM, KILL, STOP or CONT. */
    public void signal(String name) {
        try {
            int exit = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("kill -" + name + " failed with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The exit code, at most two minutes later. */
    public int awaitExit() {
        try {
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                throw new IllegalStateException("still running: " + log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return process.exitValue();
    }

    /** Kills it if it still runs; its log stays. */
    @Override
    public void close() {
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(killer);
    }
}
