package org.externaltask.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The runs of one question: prints medians, ratios and whether they can be quoted, and keeps every run as JSON. */
final class Report {

    /** Cores in use by others on average, above which a run says more about the machine than about its participant. */
    static final double BUSY = 0.1;

    private final String question;
    private final Map<String, List<Map<String, Double>>> runs = new LinkedHashMap<>();
    private double busiest;

    Report(String question) {
        this.question = question;
    }

    void add(String participant, Map<String, Double> figures) {
        busiest = Math.max(busiest, figures.get(Stretch.OTHERS));
        runs.computeIfAbsent(participant, name -> new ArrayList<>()).add(figures);
        System.out.println(participant + ": " + line(figures));
    }

    /** @return the exit code: 0 when the figures can be quoted */
    int print(Options options) {
        System.out.println();
        System.out.println(Machine.description() + ", " + Instant.now().truncatedTo(ChronoUnit.MINUTES) + ", "
                + options.settings());
        System.out.println("medians; in brackets the ratio to the first row");
        System.out.println();
        List<String> columns = columns();
        System.out.println("| | runs | " + String.join(" | ", columns) + " |");
        System.out.println("| --- |" + " ---: |".repeat(columns.size() + 1));
        String first = runs.keySet().iterator().next();
        runs.forEach((participant, figures) -> {
            StringBuilder row = new StringBuilder("| " + participant + " | " + figures.size());
            for (String column : columns) {
                double value = median(participant, column);
                double base = median(first, column);
                row.append(" | ").append(show(value));
                if (!participant.equals(first) && base > 0 && !Double.isNaN(value) && !column.equals(Stretch.OTHERS)) {
                    row.append(" (")
                            .append(String.format(Locale.ROOT, "%.2f", value / base))
                            .append(")");
                }
            }
            System.out.println(row.append(" |"));
        });
        boolean quotable = busiest <= BUSY;
        write(options, quotable);
        if (!quotable) {
            System.out.printf(
                    Locale.ROOT,
                    "%nnot quotable: other processes used up to %.2f cores during a run (at most %.2f is quiet). Run it again on a quiet machine.%n",
                    busiest,
                    BUSY);
        }
        return quotable || options.anyway() ? 0 : 3;
    }

    private List<String> columns() {
        return runs.values().stream()
                .flatMap(List::stream)
                .flatMap(run -> run.keySet().stream())
                .distinct()
                .toList();
    }

    private double median(String participant, String column) {
        double[] sorted = runs.get(participant).stream()
                .filter(run -> run.containsKey(column))
                .mapToDouble(run -> run.get(column))
                .sorted()
                .toArray();
        int half = sorted.length / 2;
        return sorted.length == 0
                ? Double.NaN
                : sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    static String line(Map<String, Double> figures) {
        List<String> parts = new ArrayList<>();
        figures.forEach((name, value) -> parts.add(name + " " + show(value)));
        return String.join(", ", parts);
    }

    private static String show(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        return String.format(
                Locale.ROOT,
                value == Math.rint(value) || value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.3f",
                value);
    }

    private void write(Options options, boolean quotable) {
        Path file = Path.of(
                options.text("out", Home.of("results/" + question + ".json").toString()));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("question", question);
        json.put("at", Instant.now().toString());
        json.put("machine", Machine.description());
        json.put("settings", options.settings());
        json.put("quotable", quotable);
        json.put("coresOfOthersAtMost", busiest);
        json.put("runs", runs);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), json);
            System.out.println("\nall runs: " + file.normalize());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
