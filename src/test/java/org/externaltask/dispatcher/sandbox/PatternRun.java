package org.externaltask.dispatcher.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Starts the process of a pattern, and says at each look how far its instances are, until the last one has ended. */
final class PatternRun implements Runnable {

    private static final long BETWEEN_LINES = Duration.ofSeconds(5).toNanos();

    private final Pattern pattern;
    private final int instances;
    private final EngineClient engine;
    private final EngineClient other;
    private final Consumer<String> lines;
    private long startedNanos;
    private long saidNanos;
    private boolean isStarted;
    private boolean isOver;

    /** @param other the engine of the pattern's second process, if it has one */
    PatternRun(Pattern pattern, int instances, EngineClient engine, EngineClient other, Consumer<String> lines) {
        this.pattern = pattern;
        this.instances = instances;
        this.engine = engine;
        this.other = other;
        this.lines = lines;
    }

    @Override
    public void run() {
        if (!isStarted) {
            start();
        } else if (!isOver) {
            look(System.nanoTime());
        }
    }

    boolean isOver() {
        return isOver;
    }

    private void start() {
        isStarted = true;
        startedNanos = System.nanoTime();
        saidNanos = startedNanos;
        lines.accept("%s: starts %d instances of %s".formatted(pattern.word(), instances, pattern.process()));
        for (int number = 1; number <= instances; number++) {
            pattern.start(engine, number);
        }
        lines.accept("%s: started the last one after %s".formatted(pattern.word(), seconds(System.nanoTime())));
    }

    private void look(long now) {
        int ended = ended(engine, pattern.process());
        if (ended >= instances
                && pattern.counterpart().stream().allMatch(process -> ended(other, process) >= instances)) {
            isOver = true;
            sum(engine, pattern.process(), now);
            pattern.counterpart().ifPresent(process -> sum(other, process, now));
        } else if (now - saidNanos >= BETWEEN_LINES) {
            saidNanos = now;
            lines.accept("%s: %d of %d ended after %s".formatted(pattern.word(), ended, instances, seconds(now)));
        }
    }

    private void sum(EngineClient where, String process, long now) {
        lines.accept("%s: %d instances of %s started, %d ended, %d incidents, in %s"
                .formatted(
                        pattern.word(),
                        count(where, process, ""),
                        process,
                        ended(where, process),
                        where.get("/incident/count").path("count").asInt(),
                        seconds(now)));
        lines.accept("%s: %s".formatted(pattern.word(), activities(where, process)));
    }

    /** How often each activity was finished, for example {@code CheckInventoryTask 10}. */
    private static String activities(EngineClient where, String process) {
        String definition = where.list("/process-definition?latestVersion=true&key=" + process)
                .get(0)
                .path("id")
                .asText();
        return where.list("/history/process-definition/" + definition + "/statistics?finished=true").stream()
                .filter(activity ->
                        !activity.path("id").asText().contains("#")) // the body of a multi-instance activity
                .filter(activity -> activity.path("finished").asInt() > 0)
                .map(PatternRun::finished)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String finished(JsonNode activity) {
        return activity.path("id").asText() + " " + activity.path("finished").asInt();
    }

    private int ended(EngineClient where, String process) {
        return count(where, process, "&finished=true");
    }

    private int count(EngineClient where, String process, String which) {
        return where.get("/history/process-instance/count?processDefinitionKey=" + process
                        + "&processInstanceBusinessKeyLike=" + pattern.word() + "-%25" + which)
                .path("count")
                .asInt();
    }

    private String seconds(long now) {
        return String.format(
                Locale.ROOT, "%.1f s", Duration.ofNanos(now - startedNanos).toMillis() / 1000.0);
    }
}
