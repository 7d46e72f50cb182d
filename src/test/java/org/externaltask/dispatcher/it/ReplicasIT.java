package org.externaltask.dispatcher.it;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three dispatcher processes on one engine, as a Deployment of three replicas runs them. */
@Tag("any-engine")
class ReplicasIT {

    private static final URI ENGINE = Surroundings.ENGINE.baseUrl();
    private static final String TOPIC = "svc_SharedWork";
    private static final Duration LATEST = Duration.ofMinutes(2);

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final List<DispatcherProcess> dispatchers = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (DispatcherProcess dispatcher : dispatchers) {
            dispatcher.close();
        }
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
    }

    @Test
    void three_share_the_work_one_is_killed_and_the_others_are_replaced_one_by_one_without_loss_or_needless_repeat()
            throws Exception {
        Work.takes(Duration.ofMillis(500));
        CompletableFuture<DispatcherProcess> first = starting("one");
        CompletableFuture<DispatcherProcess> second = starting("two");
        dispatchers.add(starting("three").join());
        dispatchers.add(first.join());
        dispatchers.add(second.join());
        DispatcherProcess three = dispatchers.get(0);

        // They share it, and nothing is done twice.
        List<String> shared = startInstances(90);
        awaitAllDone(shared);
        assertThat(Work.calls()).hasSize(90).doesNotHaveDuplicates();
        assertThat(completionsByWorker())
                .containsOnlyKeys("one", "two", "three")
                .allSatisfy((worker, completions) ->
                        assertThat(completions).as(worker).isPositive());

        // One is killed: what it had in work is done by the others when its locks are over, and only that twice.
        Work.takes(Duration.ofSeconds(2));
        List<String> disturbed = startInstances(40);
        await().atMost(LATEST)
                .until(() -> !lockedFor("three").isEmpty() && Work.calls().size() >= 20);
        three.signal("KILL");
        three.awaitExit();
        Set<String> left = lockedFor("three");
        assertThat(left).isNotEmpty();
        awaitAllDone(disturbed);
        assertThat(repeated()).isSubsetOf(left);
        assertThat(Set.copyOf(Work.calls())).hasSize(40);
        assertThat(Work.calls().size()).isLessThanOrEqualTo(40 + left.size());

        // The others are replaced while they work, as a new version is rolled out: nothing is lost, nothing is done
        // twice.
        Work.takes(Duration.ofMillis(700));
        List<String> rolled = new ArrayList<>(startInstances(40));
        for (DispatcherProcess old : List.of(first.join(), second.join())) {
            dispatchers.add(starting("instead-of-" + dispatchers.indexOf(old)).join());
            rolled.addAll(startInstances(20));
            old.signal("TERM");
            assertThat(old.awaitExit()).as(old::log).isZero();
            assertThat(old.log()).contains("abandoned=0");
        }
        rolled.addAll(startInstances(10));
        awaitAllDone(rolled);
        assertThat(Work.calls()).hasSize(90).doesNotHaveDuplicates();
        assertThat(engine.list("/external-task?topicName=" + TOPIC)).isEmpty();
        assertThat(engine.list("/history/external-task-log?failureLog=true&topicName=" + TOPIC))
                .isEmpty();
    }

    private static CompletableFuture<DispatcherProcess> starting(String workerId) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return DispatcherProcess.start(ENGINE, "--etd.engines.default.worker-id=" + workerId);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static List<String> startInstances(int count) {
        return IntStream.range(0, count).mapToObj(i -> Work.start(TOPIC)).toList();
    }

    private void awaitAllDone(List<String> instances) {
        await().atMost(LATEST).until(() -> instances.stream().allMatch(engine::isEnded));
    }

    private Map<String, Long> completionsByWorker() {
        return engine.list("/history/external-task-log?successLog=true&topicName=" + TOPIC).stream()
                .collect(groupingBy(entry -> entry.path("workerId").asText(), counting()));
    }

    /** The ids of the tasks that a dispatcher has locked. */
    private Set<String> lockedFor(String worker) {
        return engine.list("/external-task?locked=true&workerId=" + worker).stream()
                .map(task -> task.path("id").asText())
                .collect(toSet());
    }

    private static Set<String> repeated() {
        return Work.calls().stream().collect(groupingBy(Function.identity(), counting())).entrySet().stream()
                .filter(calls -> calls.getValue() > 1)
                .map(Map.Entry::getKey)
                .collect(toSet());
    }
}
