package org.externaltask.dispatcher.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.engine.EngineConnection;
import org.externaltask.dispatcher.engine.EngineFault;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class EnginePlanTest {

    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration A_WHILE = Duration.ofSeconds(5);
    private static final Duration LONGEST_HOLD = Duration.ofSeconds(15);

    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> rooms = new ConcurrentHashMap<>();
    private final Leases leases = new Leases();
    private final EngineConnection connection = new EngineConnection("default", "fetches", "tasks stay in the engine");
    private final EnginePlan plan = new EnginePlan(
            "default",
            new Binder(new MapConfigurationPropertySource(Map.of(
                            "etd.engines.default.base-url", "http://localhost/engine-rest",
                            "etd.engines.default.max-tasks", "50",
                            "etd.engines.default.use-priority", "false",
                            "etd.engines.default.order-by-create-time", "asc")))
                    .bind("etd.engines.default", EtdProperties.Engine.class)
                    .get(),
            "worker-1",
            () -> subscriptions,
            connection,
            leases,
            subscription -> rooms.getOrDefault(subscription.topic(), Integer.MAX_VALUE),
            LONGEST_HOLD);

    @Test
    void nothing_is_asked_for_while_no_topic_has_a_route() throws Exception {
        assertThat(plan.next(FetchLane.LONG_POLL, AT_ONCE)).isNull();
    }

    @Test
    void no_more_is_asked_for_than_the_smallest_room_among_the_topics() throws Exception {
        subscribe("svc_Wide", 40);
        subscribe("svc_Small", 8);

        FetchRequest request = plan.next(FetchLane.LONG_POLL, AT_ONCE);

        assertThat(request.topics()).containsOnlyKeys("svc_Wide", "svc_Small");
        assertThat(request.maxTasks()).isEqualTo(8);
    }

    @Test
    void no_more_is_asked_for_than_max_tasks() throws Exception {
        subscribe("svc_Wide", 400);

        assertThat(plan.next(FetchLane.LONG_POLL, AT_ONCE).maxTasks()).isEqualTo(50);
    }

    @Test
    void the_order_of_the_tasks_is_the_one_that_is_configured() throws Exception {
        subscribe("svc_Wide", 40);

        JsonNode request = plan.next(FetchLane.LONG_POLL, AT_ONCE).body();

        assertThat(request.path("usePriority").asBoolean()).isFalse();
        assertThat(request.path("sorting")).hasToString("[{\"sortBy\":\"createTime\",\"sortOrder\":\"asc\"}]");
    }

    @Test
    void a_poll_is_held_for_a_third_of_the_shortest_lock_at_most_because_the_lock_may_begin_with_it() throws Exception {
        subscribe("svc_Long", 8, Duration.ofMinutes(10));
        subscribe("svc_Short", 8, Duration.ofSeconds(30));

        assertThat(plan.next(FetchLane.LONG_POLL, AT_ONCE).asyncResponseTimeout())
                .isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void a_poll_is_held_no_longer_than_a_stop_can_wait_for_its_answer() throws Exception {
        subscribe("svc_A", 8, Duration.ofMinutes(10));

        assertThat(plan.next(FetchLane.LONG_POLL, AT_ONCE).asyncResponseTimeout())
                .isEqualTo(LONGEST_HOLD);
    }

    @Test
    void a_topic_without_permits_leaves_the_next_fetch_and_the_others_are_polled_shortly() throws Exception {
        subscribe("svc_Busy", 2);
        subscribe("svc_Free", 4);
        arrive(plan.next(FetchLane.LONG_POLL, AT_ONCE), "svc_Busy", 2);

        FetchRequest request = plan.next(FetchLane.LONG_POLL, AT_ONCE);

        assertThat(request.topics()).containsOnlyKeys("svc_Free");
        assertThat(request.maxTasks()).isEqualTo(4);
        assertThat(request.asyncResponseTimeout()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void a_fetch_that_does_not_come_back_for_three_times_what_it_may_take_is_stuck() throws Exception {
        subscribe("svc_A", 8);
        plan.next(FetchLane.LONG_POLL, AT_ONCE);
        long now = System.nanoTime();

        assertThat(plan.isStuck(now + Duration.ofSeconds(89).toNanos())).isFalse();
        assertThat(plan.isStuck(now + Duration.ofSeconds(91).toNanos())).isTrue();
    }

    @Test
    void a_topic_with_room_is_overdue_when_no_answer_has_been_about_it_for_three_times_what_a_fetch_may_take()
            throws Exception {
        subscribe("svc_A", 8);
        plan.expect("svc_A");
        arrive(plan.next(FetchLane.LONG_POLL, AT_ONCE), "svc_A", 1);
        long now = System.nanoTime();

        assertThat(plan.isOverdue("svc_A", now + Duration.ofSeconds(89).toNanos()))
                .isFalse();
        assertThat(plan.isOverdue("svc_A", now + Duration.ofSeconds(91).toNanos()))
                .isTrue();
    }

    @Test
    void a_topic_without_room_is_never_overdue() throws Exception {
        subscribe("svc_A", 8);
        plan.expect("svc_A");
        arrive(plan.next(FetchLane.LONG_POLL, AT_ONCE), "svc_A", 8);

        assertThat(plan.isOverdue(
                        "svc_A", System.nanoTime() + Duration.ofHours(1).toNanos()))
                .isFalse();
    }

    @Test
    void a_topic_with_few_permits_free_sits_out_until_about_half_are_free() throws Exception {
        subscribe("svc_A", 8);
        arrive(plan.next(FetchLane.LONG_POLL, AT_ONCE), "svc_A", 8);

        release("svc_A", 3);
        assertThat(plan.next(FetchLane.LONG_POLL, AT_ONCE)).isNull();
        release("svc_A", 1);
        assertThat(plan.next(FetchLane.LONG_POLL, AT_ONCE).maxTasks()).isEqualTo(4);
    }

    @Test
    void a_slow_topic_is_asked_for_in_the_end_although_few_permits_are_free() throws Exception {
        subscribe("svc_A", 8);
        arrive(plan.next(FetchLane.LONG_POLL, AT_ONCE), "svc_A", 8);

        release("svc_A", 1);

        assertThat(plan.next(FetchLane.LONG_POLL, A_WHILE).maxTasks()).isEqualTo(1);
    }

    @Test
    void a_topic_that_gets_room_while_a_long_poll_is_open_without_it_is_asked_for_at_once() throws Exception {
        subscribe("svc_Busy", 2);
        subscribe("svc_Free", 4);
        arrive(plan.next(FetchLane.LONG_POLL, AT_ONCE), "svc_Busy", 2);
        plan.next(FetchLane.LONG_POLL, AT_ONCE);
        assertThat(plan.next(FetchLane.CATCH_UP, AT_ONCE)).isNull();

        CompletableFuture<FetchRequest> catchUp = nextInBackground(FetchLane.CATCH_UP);
        release("svc_Busy", 2);

        FetchRequest request = catchUp.get(4, TimeUnit.SECONDS);
        assertThat(request.topics()).containsOnlyKeys("svc_Busy");
        assertThat(request.asyncResponseTimeout()).isZero();
    }

    @Test
    void a_topic_whose_route_starts_while_a_long_poll_is_open_is_asked_for_at_once() throws Exception {
        subscribe("svc_Old", 4);
        plan.next(FetchLane.LONG_POLL, AT_ONCE);
        CompletableFuture<FetchRequest> catchUp = nextInBackground(FetchLane.CATCH_UP);

        subscribe("svc_New", 4);

        assertThat(catchUp.get(4, TimeUnit.SECONDS).topics()).containsOnlyKeys("svc_New");
    }

    @Test
    void a_catch_up_that_brought_nothing_is_not_repeated_at_once() throws Exception {
        subscribe("svc_Old", 4);
        plan.next(FetchLane.LONG_POLL, AT_ONCE);
        subscribe("svc_New", 4);
        arrive(plan.next(FetchLane.CATCH_UP, AT_ONCE), "svc_New", 0);

        assertThat(plan.next(FetchLane.CATCH_UP, AT_ONCE)).isNull();
        assertThat(plan.next(FetchLane.CATCH_UP, A_WHILE).topics()).containsOnlyKeys("svc_New");
    }

    @Test
    void a_topic_that_is_cut_off_from_what_it_calls_leaves_the_fetch_and_the_others_are_polled_as_long_as_ever()
            throws Exception {
        subscribe("svc_CutOff", 4);
        subscribe("svc_Free", 4);
        rooms.put("svc_CutOff", 0);

        FetchRequest request = plan.next(FetchLane.LONG_POLL, AT_ONCE);

        assertThat(request.topics()).containsOnlyKeys("svc_Free");
        assertThat(request.asyncResponseTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(plan.next(FetchLane.CATCH_UP, AT_ONCE)).isNull();
    }

    @Test
    void a_topic_that_is_no_longer_cut_off_is_asked_for_at_once_although_a_long_poll_is_open() throws Exception {
        subscribe("svc_CutOff", 4);
        subscribe("svc_Free", 4);
        rooms.put("svc_CutOff", 0);
        plan.next(FetchLane.LONG_POLL, AT_ONCE);
        CompletableFuture<FetchRequest> catchUp = nextInBackground(FetchLane.CATCH_UP);

        rooms.remove("svc_CutOff");
        plan.lookAgain();

        FetchRequest request = catchUp.get(4, TimeUnit.SECONDS);
        assertThat(request.topics()).containsOnlyKeys("svc_CutOff");
        assertThat(request.maxTasks()).isEqualTo(4);
    }

    @Test
    void a_topic_that_tries_what_it_calls_is_asked_for_one_task_and_does_not_make_the_others_wait_for_it()
            throws Exception {
        subscribe("svc_Trying", 4);
        subscribe("svc_Free", 8);
        rooms.put("svc_Trying", 1);

        FetchRequest others = plan.next(FetchLane.LONG_POLL, AT_ONCE);
        FetchRequest trying = plan.next(FetchLane.CATCH_UP, AT_ONCE);

        assertThat(others.topics()).containsOnlyKeys("svc_Free");
        assertThat(others.maxTasks()).isEqualTo(8);
        assertThat(trying.topics()).containsOnlyKeys("svc_Trying");
        assertThat(trying.maxTasks()).isEqualTo(1);
        arrive(trying, "svc_Trying", 1);
        assertThat(plan.next(FetchLane.CATCH_UP, AT_ONCE)).as("one is in work").isNull();
        release("svc_Trying", 1);
        assertThat(plan.next(FetchLane.CATCH_UP, AT_ONCE).topics()).containsOnlyKeys("svc_Trying");
    }

    @Test
    void a_topic_that_has_no_task_to_try_what_it_calls_is_not_asked_for_over_and_over() throws Exception {
        subscribe("svc_Trying", 4);
        subscribe("svc_Free", 8);
        rooms.put("svc_Trying", 1);
        plan.next(FetchLane.LONG_POLL, AT_ONCE);
        arrive(plan.next(FetchLane.CATCH_UP, AT_ONCE), "svc_Trying", 0);

        assertThat(plan.next(FetchLane.CATCH_UP, Duration.ofNanos(TopicPermits.PATIENCE_NANOS)))
                .as("the patience that other topics have")
                .isNull();
        assertThat(plan.next(FetchLane.CATCH_UP, A_WHILE).topics()).containsOnlyKeys("svc_Trying");
    }

    @Test
    void when_all_topics_are_only_tried_the_long_poll_waits_for_their_tasks() throws Exception {
        subscribe("svc_Trying", 4);
        rooms.put("svc_Trying", 1);

        FetchRequest request = plan.next(FetchLane.LONG_POLL, AT_ONCE);

        assertThat(request.maxTasks()).isEqualTo(1);
        assertThat(request.asyncResponseTimeout()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void a_task_that_arrives_after_its_topic_was_cut_off_is_given_back_and_takes_no_permit() throws Exception {
        subscribe("svc_A", 2);
        FetchRequest request = plan.next(FetchLane.LONG_POLL, AT_ONCE);

        rooms.put("svc_A", 0);

        assertThat(arrive(request, "svc_A", 2)).extracting(Lease::notStarted).containsOnly("circuitOpen");
        rooms.remove("svc_A");
        assertThat(plan.next(FetchLane.LONG_POLL, Duration.ofSeconds(10)).maxTasks())
                .isEqualTo(2);
    }

    @Test
    void tasks_beyond_the_room_of_their_topic_are_given_back() throws Exception {
        subscribe("svc_A", 2);
        FetchRequest request = plan.next(FetchLane.LONG_POLL, AT_ONCE);

        List<Lease> tasks = arrive(request, "svc_A", 5);

        assertThat(tasks).extracting(Lease::isStartable).containsExactly(true, true, false, false, false);
    }

    @Test
    void a_task_whose_lease_is_nearly_used_up_on_arrival_is_given_back_and_takes_no_permit() throws Exception {
        subscribe("svc_A", 2);
        FetchRequest request = plan.next(FetchLane.LONG_POLL, AT_ONCE);
        Subscription subscription = request.topics().get("svc_A");
        long now = System.nanoTime();

        List<Lease> tasks = plan.arrived(
                request,
                List.of(
                        TestSubscriptions.task(
                                "slow",
                                subscription,
                                now + Duration.ofSeconds(9).toNanos()),
                        TestSubscriptions.task(
                                "in-time",
                                subscription,
                                now + Duration.ofSeconds(12).toNanos())));

        assertThat(tasks).extracting(Lease::notStarted).containsExactly("leaseTooShort", null);
        assertThat(plan.next(FetchLane.LONG_POLL, A_WHILE).maxTasks()).isEqualTo(1);
    }

    @Test
    void a_task_that_comes_again_while_it_is_in_work_is_not_started_twice() throws Exception {
        subscribe("svc_A", 8);
        FetchRequest first = plan.next(FetchLane.LONG_POLL, AT_ONCE);
        Subscription subscription = first.topics().get("svc_A");
        plan.arrived(first, List.of(TestSubscriptions.task("one", subscription)));

        FetchRequest second = plan.next(FetchLane.LONG_POLL, AT_ONCE);

        assertThat(plan.arrived(second, List.of(TestSubscriptions.task("one", subscription))))
                .isEmpty();
        assertThat(leases.size()).isEqualTo(1);
    }

    @Test
    void a_loop_that_waits_for_something_to_ask_for_is_let_go_by_a_stop() throws Exception {
        CompletableFuture<FetchRequest> waiting = nextInBackground(FetchLane.LONG_POLL);

        plan.stop();

        assertThat(waiting.get(2, TimeUnit.SECONDS)).isNull();
    }

    @Test
    void a_stopped_plan_asks_for_nothing_waits_for_the_open_poll_and_gives_back_what_it_brings() throws Exception {
        subscribe("svc_A", 8);
        FetchRequest request = plan.next(FetchLane.LONG_POLL, AT_ONCE);

        plan.stop();
        assertThat(plan.next(FetchLane.CATCH_UP, AT_ONCE)).isNull();
        CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> awaitAnswers(A_WHILE));
        awaitAnswers(Duration.ofMillis(1));
        assertThat(answered).isNotDone();

        assertThat(arrive(request, "svc_A", 1)).extracting(Lease::notStarted).containsExactly("unlocked");
        answered.get(4, TimeUnit.SECONDS);
        assertThat(plan.next(FetchLane.LONG_POLL, AT_ONCE)).isNull();
    }

    @Test
    void never_is_more_in_work_than_a_topic_allows_however_requests_overlap() throws Exception {
        subscribe("svc_A", 8);
        subscribe("svc_B", 3);
        FetchRequest first = plan.next(FetchLane.LONG_POLL, AT_ONCE);
        assertThat(plan.next(FetchLane.CATCH_UP, AT_ONCE))
                .as("both are covered by the open poll")
                .isNull();
        arrive(first, "svc_A", 3);

        FetchRequest second = plan.next(FetchLane.LONG_POLL, AT_ONCE);
        assertThat(second.maxTasks()).isEqualTo(3);
        arrive(second, "svc_A", 3);

        assertThat(plan.next(FetchLane.LONG_POLL, AT_ONCE).topics()).containsOnlyKeys("svc_B");
    }

    @Test
    void an_engine_that_does_not_answer_is_left_alone_for_a_while_and_no_permit_is_lost() throws Exception {
        subscribe("svc_A", 2);
        plan.failed(
                plan.next(FetchLane.LONG_POLL, AT_ONCE),
                new EngineFault(EngineAnswer.UNREACHABLE, "connection refused", Duration.ZERO));

        assertThat(plan.next(FetchLane.LONG_POLL, AT_ONCE)).isNull();
        assertThat(connection.status().answering()).isFalse();
        FetchRequest again = plan.next(FetchLane.LONG_POLL, A_WHILE);
        assertThat(again.maxTasks()).isEqualTo(2);
        arrive(again, "svc_A", 0);
        assertThat(connection.status().answering()).isTrue();
    }

    @Test
    void an_engine_that_holds_no_poll_open_is_not_asked_without_end() throws Exception {
        subscribe("svc_A", 2);
        FetchRequest first = plan.next(FetchLane.LONG_POLL, AT_ONCE);
        arrive(first, "svc_A", 0);

        FetchRequest second = plan.next(FetchLane.LONG_POLL, A_WHILE);

        assertThat(second.startedNanos() - first.startedNanos()).isGreaterThanOrEqualTo(TopicPermits.PATIENCE_NANOS);
    }

    @Test
    void an_answer_that_is_too_large_makes_the_next_request_smaller_and_no_permit_is_lost() throws Exception {
        subscribe("svc_A", 8);
        FetchRequest first = plan.next(FetchLane.LONG_POLL, AT_ONCE);
        Subscription subscription = first.topics().get("svc_A");

        List<Lease> known = plan.tooLarge(
                first,
                IntStream.range(0, 4)
                        .mapToObj(i -> TestSubscriptions.task("id-" + i, subscription))
                        .toList());

        assertThat(known).extracting(Lease::notStarted).containsOnly("unlocked");
        FetchRequest second = plan.next(FetchLane.LONG_POLL, AT_ONCE);
        assertThat(second.maxTasks()).isEqualTo(3);
        assertThat(plan.tooLarge(second, List.of(TestSubscriptions.task("alone", subscription))))
                .extracting(Lease::isStartable)
                .containsExactly(true);
        assertThat(plan.next(FetchLane.LONG_POLL, AT_ONCE).maxTasks()).isEqualTo(1);
    }

    private void awaitAnswers(Duration patience) {
        try {
            plan.awaitAnswers(patience);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private CompletableFuture<FetchRequest> nextInBackground(FetchLane lane) {
        CompletableFuture<FetchRequest> next = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                next.complete(plan.next(lane, A_WHILE));
            } catch (InterruptedException e) {
                next.completeExceptionally(e);
            }
        });
        waiting.start();
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        return next;
    }

    private void subscribe(String topic, int maxConcurrent) {
        subscribe(topic, maxConcurrent, Duration.ofSeconds(30));
    }

    private void subscribe(String topic, int maxConcurrent, Duration lockDuration) {
        subscriptions.add(TestSubscriptions.subscription(topic, maxConcurrent, lockDuration));
        plan.lookAgain();
    }

    private List<Lease> arrive(FetchRequest request, String topic, int count) {
        return plan.arrived(
                request,
                IntStream.range(0, count)
                        .mapToObj(i -> TestSubscriptions.task(
                                "id-" + UUID.randomUUID(), request.topics().get(topic)))
                        .toList());
    }

    private void release(String topic, int count) {
        IntStream.range(0, count).forEach(i -> plan.release(topic));
    }
}
