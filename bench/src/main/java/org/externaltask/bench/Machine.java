package org.externaltask.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Reads from /proc what processes and the machine have used: Linux only. CPU is in seconds, memory in bytes. */
final class Machine {

    // USER_HZ, which is 100 on every Linux that a JDK runs on.
    private static final double TICKS = 100;

    private static final Set<String> SERVERS = Set.of("postgres", "beam.smp");

    private Machine() {}

    static double cpu(long pid) {
        String stat = read("/proc/" + pid + "/stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
    }

    /**
     * The CPU of the database and the broker that a run may use, by process. They are no children of ours, and are told by their
     * name, so those of others count as ours too.
     */
    static Map<Long, Double> cpuOfServers() {
        Map<Long, Double> cpu = new HashMap<>();
        ProcessHandle.allProcesses().map(ProcessHandle::pid).forEach(pid -> {
            try {
                if (SERVERS.contains(
                        Files.readString(Path.of("/proc/" + pid + "/comm")).strip())) {
                    cpu.put(pid, cpu(pid));
                }
            } catch (IOException | UncheckedIOException e) {
                // It has just ended.
            }
        });
        return cpu;
    }

    /** What all processes together have used, and what the host took from this machine. */
    static double cpuOfAll() {
        String[] fields =
                read("/proc/stat").lines().findFirst().orElseThrow().trim().split("\\s+");
        // cpu user nice system idle iowait irq softirq steal
        return Arrays.stream(new int[] {1, 2, 3, 6, 7, 8})
                        .mapToLong(i -> Long.parseLong(fields[i]))
                        .sum()
                / TICKS;
    }

    /** From here on, {@link #peakMemory} is the peak since now. */
    static void forgetPeak(long pid) {
        try {
            Files.writeString(Path.of("/proc/" + pid + "/clear_refs"), "5");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot reset the peak of memory of process " + pid, e);
        }
    }

    static long residentMemory(long pid) {
        return memory(pid, "VmRSS:");
    }

    static long peakMemory(long pid) {
        return memory(pid, "VmHWM:");
    }

    private static long memory(long pid, String name) {
        return read("/proc/" + pid + "/status")
                        .lines()
                        .filter(line -> line.startsWith(name))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow()
                * 1024;
    }

    static String description() {
        String cpu = read("/proc/cpuinfo")
                .lines()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 2))
                .orElse("unknown processor");
        long memory = Long.parseLong(
                read("/proc/meminfo").lines().findFirst().orElseThrow().replaceAll("\\D", ""));
        return Runtime.getRuntime().availableProcessors() + " cores (" + cpu + "), " + Math.round(memory / 1048576.0)
                + " GB, Linux " + System.getProperty("os.version") + ", JDK " + System.getProperty("java.version");
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + "; the process may have died", e);
        }
    }
}
