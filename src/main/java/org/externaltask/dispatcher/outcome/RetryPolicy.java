package org.externaltask.dispatcher.outcome;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.externaltask.dispatcher.fetch.LockedTask;

/**
 * How often a task may be tried in all, and how long to wait after each failure. The topic's options say so, unless the activity has
 * the BPMN extension property {@code retry}: {@code R3/PT5M} or {@code PT10S,PT1M}, as the engine's own job retry cycle is written.
 *
 * @param tries tries in all, the first one included
 * @param backoff the wait after the first failure, the second, and so on; the last one repeats
 */
record RetryPolicy(int tries, List<Duration> backoff) {

    private static final Pattern REPEATED = Pattern.compile("R(\\d{1,4})/(P.+)");

    /** A gateway may ask for more time, but not park a process for as long as it likes. */
    static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(10);

    private static final double JITTER = 0.2;

    static RetryPolicy of(LockedTask task) {
        RetryPolicy topic = new RetryPolicy(
                task.subscription().retries(), task.subscription().retryBackoff());
        return property(task).flatMap(RetryPolicy::parse).orElse(topic);
    }

    /** What is wrong with the extension property of a task's activity; empty when it has none, or one that can be read. */
    static Optional<String> problem(LockedTask task) {
        return property(task)
                .filter(text -> parse(text).isEmpty())
                .map(
                        text -> "extension property retry of activity " + task.activityId()
                                + " cannot be read, so the topic's own retries count; expected for example R3/PT5M or PT10S,PT1M");
    }

    private static Optional<String> property(LockedTask task) {
        return Optional.ofNullable(task.extensionProperties().get("retry"))
                .map(String::trim)
                .filter(text -> !text.isEmpty());
    }

    static Optional<RetryPolicy> parse(String text) {
        try {
            Matcher repeated = REPEATED.matcher(text);
            if (repeated.matches()) {
                int tries = Integer.parseInt(repeated.group(1));
                return tries == 0
                        ? Optional.empty()
                        : Optional.of(new RetryPolicy(tries, List.of(Duration.parse(repeated.group(2)))));
            }
            List<Duration> waits = new ArrayList<>();
            for (String wait : text.split(",", -1)) {
                waits.add(Duration.parse(wait.trim()));
            }
            return Optional.of(new RetryPolicy(waits.size() + 1, List.copyOf(waits)));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** How many tries are left after this failure; a task that never failed before has no count yet. */
    int retriesLeft(Integer retries) {
        return Math.max(0, retriesBefore(retries) - 1);
    }

    /** How many tries are left as long as this failure is not counted. */
    int retriesBefore(Integer retries) {
        return retries == null ? tries : retries;
    }

    /** The wait before the next try, spread by a fifth so that tasks that failed together do not come back together. */
    Duration retryTimeout(int retriesLeft, Optional<Duration> retryAfter) {
        int failuresBefore = Math.max(0, tries - 1 - retriesLeft);
        Duration wait = backoff.get(Math.min(failuresBefore, backoff.size() - 1));
        double factor = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
        Duration jittered = Duration.ofMillis(Math.round(wait.toMillis() * factor));
        Duration asked = retryAfter
                .map(after -> after.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : after)
                .orElse(Duration.ZERO);
        return asked.compareTo(jittered) > 0 ? asked : jittered;
    }
}
