package org.externaltask.bench;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A stretch of a run: how long it took, what each part used meanwhile, and what processes used that have no part in it. */
final class Stretch {

    /** The column by which a run is found to be quotable. */
    static final String OTHERS = "cores of others";

    private static final String SERVERS = "servers";

    private final Map<String, List<Child>> parts;
    private final Map<String, Double> before;
    private final Map<Long, Double> serversBefore = Machine.cpuOfServers();
    private final double allBefore = Machine.cpuOfAll();
    private final double ownBefore = Machine.cpu(ProcessHandle.current().pid());
    private final long start;

    private Stretch(Map<String, List<Child>> parts) {
        this.parts = parts;
        parts.values().stream().flatMap(Collection::stream).forEach(child -> Machine.forgetPeak(child.pid()));
        this.before = cpu();
        this.start = System.nanoTime();
    }

    /** @param parts who takes part, by the name in the column, in the order of the columns */
    static Stretch begin(Map<String, List<Child>> parts) {
        return new Stretch(parts);
    }

    static Map<String, List<Child>> parts(List<Child> clients, Child engine) {
        Map<String, List<Child>> parts = new LinkedHashMap<>();
        parts.put("client", clients);
        parts.put("engine", List.of(engine));
        return parts;
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** The figures of a stretch in which that many tasks (or messages) were done. */
    Map<String, Double> perTask(String what, int tasks) {
        double seconds = seconds();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(what + "/s", tasks / seconds);
        Used used = used();
        used.parts.forEach((part, cpu) -> figures.put(part + " CPU s per 1,000", cpu * 1_000 / tasks));
        figures.putAll(memory());
        figures.put(OTHERS, used.others / seconds);
        return figures;
    }

    /** The figures of a stretch in which nothing is done. */
    Map<String, Double> perSecond() {
        double seconds = seconds();
        Map<String, Double> figures = new LinkedHashMap<>();
        Used used = used();
        used.parts.forEach((part, cpu) -> figures.put(part + " % of a core", 100 * cpu / seconds));
        figures.putAll(memory());
        figures.put(OTHERS, used.others / seconds);
        return figures;
    }

    /** What others used, where some of ours came only after the beginning. */
    double others(List<Child> ours) {
        return Math.max(0, used().others - ours.stream().mapToDouble(Child::cpu).sum()) / seconds();
    }

    private record Used(Map<String, Double> parts, double others) {}

    private Used used() {
        Map<String, Double> used = new LinkedHashMap<>();
        cpu().forEach((part, cpu) -> used.put(part, cpu - before.get(part)));
        double servers = 0;
        for (Map.Entry<Long, Double> server : Machine.cpuOfServers().entrySet()) {
            servers += server.getValue() - serversBefore.getOrDefault(server.getKey(), 0.0);
        }
        double own = Machine.cpu(ProcessHandle.current().pid()) - ownBefore;
        double all = Machine.cpuOfAll() - allBefore;
        double others = all
                - own
                - servers
                - used.values().stream().mapToDouble(cpu -> cpu).sum();
        used.put(SERVERS, servers);
        return new Used(used, Math.max(0, others));
    }

    private Map<String, Double> cpu() {
        Map<String, Double> cpu = new LinkedHashMap<>();
        parts.forEach((part, children) ->
                cpu.put(part, children.stream().mapToDouble(Child::cpu).sum()));
        return cpu;
    }

    private Map<String, Double> memory() {
        Map<String, Double> memory = new LinkedHashMap<>();
        parts.forEach((part, children) -> memory.put(
                part + " peak MB",
                children.stream()
                                .mapToDouble(child -> Machine.peakMemory(child.pid()))
                                .sum()
                        / 1048576.0));
        return memory;
    }
}
