package org.externaltask.dispatcher.soak;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.soak.Evidence.Instance;
import org.externaltask.dispatcher.soak.Evidence.Parked;
import org.externaltask.dispatcher.soak.Evidence.Task;

/** What a soak counted. */
final class Figures {

    private final Map<String, Object> figures = new LinkedHashMap<>();

    /**
     * @param replayed incidents that came of an outage and that the operator of the soak sent on afterwards
     * @param tookSeconds part of the soak to its duration
     */
    Figures(
            SoakSettings settings,
            Evidence evidence,
            Map<Fault.Kind, Integer> faults,
            Map<Cause, Integer> replayed,
            Map<String, Long> tookSeconds) {
        List<Violation> violations = InvariantChecker.check(evidence);
        Map<String, Long> correlated = evidence.instances().stream()
                .map(Instance::acceptance)
                .filter(Objects::nonNull)
                .collect(Collectors.groupingBy(id -> id, Collectors.counting()));
        long seconds = tookSeconds.values().stream().mapToLong(Long::longValue).sum();
        int completions = evidence.tasks().stream().mapToInt(Task::completions).sum();

        figures.put("seed", settings.seed());
        figures.put("seconds", seconds + " " + tookSeconds);
        figures.put("instances started", evidence.orders().size());
        figures.put("instances ended", count(evidence, true));
        figures.put("instances at an incident", count(evidence, false));
        figures.put("external tasks", evidence.tasks().size());
        figures.put("external tasks completed", completions);
        figures.put("tasks completed a second", completions / Math.max(1, seconds));
        figures.put(
                "killed or restarted",
                faults.entrySet().stream()
                        .filter(fault -> fault.getKey().endsAProcess())
                        .mapToInt(Map.Entry::getValue)
                        .sum());
        figures.put("faults", new TreeMap<>(faults));
        figures.put(
                "lost",
                violations.stream()
                        .filter(violation -> violation.invariant().equals(InvariantChecker.LOST)
                                || violation.invariant().equals(InvariantChecker.MESSAGE_LOST))
                        .count());
        figures.put("repeated at the gateway", repeats(evidence.gatewayCalls()));
        figures.put("repeated messages to the vendor", repeats(evidence.placed()));
        figures.put(
                "messages from the vendor",
                evidence.sent().values().stream().mapToInt(Integer::intValue).sum());
        figures.put("… correlated", correlated.size());
        figures.put("… duplicates acknowledged", duplicates(evidence, correlated.keySet()));
        figures.put("… parked", parked(evidence));
        figures.put("incidents of outages, sent on", new TreeMap<>(replayed));
        figures.put(
                "incidents left, by cause",
                evidence.incidents().stream()
                        .collect(Collectors.groupingBy(
                                incident -> Cause.of(incident.message())
                                        .map(Cause::name)
                                        .orElse("unexplained"),
                                TreeMap::new,
                                Collectors.counting())));
        figures.put(
                "invariants broken",
                violations.stream()
                        .collect(Collectors.groupingBy(Violation::invariant, TreeMap::new, Collectors.counting())));
    }

    /** @param file JSON goes there */
    void write(Path file) throws IOException {
        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), figures);
    }

    /** A table. */
    @Override
    public String toString() {
        StringBuilder table = new StringBuilder("\n");
        figures.forEach((what, figure) -> table.append("  %-32s %s%n".formatted(what, figure)));
        return table.toString();
    }

    private static long count(Evidence evidence, boolean ended) {
        return evidence.instances().stream()
                .filter(instance -> instance.ended() == ended)
                .count();
    }

    private static int repeats(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(count -> count - 1).sum();
    }

    /** Copies of correlated messages beyond the first that were not parked either. */
    private static long duplicates(Evidence evidence, Set<String> correlated) {
        Map<String, Long> parked =
                evidence.parked().stream().collect(Collectors.groupingBy(Parked::id, Collectors.counting()));
        return correlated.stream()
                .mapToLong(id -> Math.max(0, evidence.sent().getOrDefault(id, 0) - 1 - parked.getOrDefault(id, 0L)))
                .sum();
    }

    private static Map<String, Long> parked(Evidence evidence) {
        return evidence.parked().stream()
                .collect(Collectors.groupingBy(
                        message -> message.id().replaceFirst("-.*", "") + ": " + message.reason(),
                        TreeMap::new,
                        Collectors.counting()));
    }
}
