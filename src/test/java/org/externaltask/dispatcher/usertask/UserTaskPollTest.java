package org.externaltask.dispatcher.usertask;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.externaltask.dispatcher.engine.EngineDate;
import org.externaltask.dispatcher.usertask.UserTaskPoll.ListedTask;
import org.externaltask.dispatcher.usertask.UserTaskSubscription.Event;
import org.junit.jupiter.api.Test;

class UserTaskPollTest {

    private static final OffsetDateTime NOON = OffsetDateTime.of(2026, 1, 31, 12, 0, 0, 0, ZoneOffset.UTC);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final List<ObjectNode> engine = new ArrayList<>();
    private final Map<String, Mark> marks = new HashMap<>();
    private final UserTaskPoll poll = new UserTaskPoll(subscription(Event.CREATED), NOON, 0);
    private long now;

    @Test
    void tasks_of_the_same_millisecond_are_neither_left_out_nor_taken_twice_although_they_fill_several_pages() {
        IntStream.range(0, 250).forEach(i -> task("early-" + i, NOON));
        IntStream.range(0, 30).forEach(i -> task("late-" + i, NOON.plusSeconds(1)));

        assertThat(takeAll()).doesNotHaveDuplicates().hasSize(280);
    }

    @Test
    void a_task_whose_transaction_ended_seconds_after_a_later_one_is_found_with_the_next_look() {
        task("a", NOON);
        assertThat(takeAll()).containsExactly("a");

        task("b", NOON.minusSeconds(5));

        now += SECOND;
        assertThat(takeAll()).containsExactly("b");
    }

    @Test
    void a_task_that_came_in_much_too_late_is_found_when_everything_is_looked_at() {
        task("a", NOON);
        takeAll();
        task("b", NOON.minusHours(1));

        now += SECOND;
        assertThat(takeAll()).isEmpty();

        now += UserTaskPoll.SWEEP.toNanos();
        assertThat(takeAll()).containsExactly("b");
    }

    @Test
    void what_the_engine_says_is_handed_out_is_left_alone_and_what_somebody_had_only_begun_is_taken() {
        task("done", NOON);
        task("begun", NOON);
        marks.put("done", new Mark(Mark.State.DONE, "worker-2"));
        marks.put("begun", new Mark(Mark.State.BEGUN, "worker-2"));

        assertThat(takeAll()).containsExactly("begun");
    }

    @Test
    void no_more_tasks_are_begun_than_may_be_in_work_and_the_engine_is_not_asked_while_others_wait() {
        IntStream.range(0, 5).forEach(i -> task("task-" + i, NOON));
        ask();

        List<UserTask> begun = poll.startable(3, now);

        assertThat(begun).hasSize(3);
        assertThat(poll.startable(3, now)).isEmpty();
        assertThat(poll.nanosToNextQuery(now)).isEqualTo(Long.MAX_VALUE);
        poll.ended(begun.get(0));
        assertThat(poll.startable(3, now)).hasSize(1);
    }

    @Test
    void a_task_that_failed_waits_for_its_time_and_is_not_taken_up_meanwhile() {
        task("a", NOON);
        ask();
        UserTask task = poll.startable(16, now).get(0);

        poll.postpone(task, now + 10 * SECOND);
        poll.ended(task);

        now += SECOND;
        assertThat(takeAll()).isEmpty();
        now += 10 * SECOND;
        assertThat(poll.startable(16, now)).containsExactly(task);
    }

    @Test
    void an_edited_route_looks_at_everything_again() {
        task("a", NOON.minusHours(1));
        task("b", NOON);
        takeAll();
        marks.clear();

        poll.use(subscription(Event.CREATED), now);

        assertThat(takeAll()).containsExactly("a", "b");
    }

    @Test
    void of_the_tasks_that_have_ended_those_are_withdrawn_that_the_task_application_has_and_did_not_end_itself() {
        UserTaskPoll withdrawals = new UserTaskPoll(subscription(Event.WITHDRAWN), NOON, 0);
        for (String id : List.of("done", "begun", "answered", "failed", "never")) {
            task(id, NOON);
        }
        marks.put("done", new Mark(Mark.State.DONE, "w"));
        marks.put("begun", new Mark(Mark.State.BEGUN, "w"));
        marks.put("answered", new Mark(Mark.State.ANSWERED, "w"));
        marks.put("failed", new Mark(Mark.State.FAILED, "w"));

        UserTaskQuery query = withdrawals.query(now);
        withdrawals.listed(page(query), query, now);
        withdrawals.marked(marks);

        assertThat(query.from()).as("as far as it looks back").isEqualTo(NOON.minusDays(1));
        assertThat(withdrawals.startable(16, now))
                .extracting(UserTask::id)
                .containsExactlyInAnyOrder("done", "begun", "failed");
    }

    @Test
    void an_end_whose_transaction_took_minutes_is_withdrawn_all_the_same() {
        UserTaskPoll withdrawals = new UserTaskPoll(subscription(Event.WITHDRAWN), NOON, 0);
        handedOut("a", NOON);
        assertThat(takeAll(withdrawals)).containsExactly("a");

        handedOut("late", NOON.minusMinutes(3));

        now += SECOND;
        assertThat(takeAll(withdrawals)).isEmpty();
        now += UserTaskPoll.SWEEP.toNanos();
        assertThat(takeAll(withdrawals)).containsExactly("late");
    }

    @Test
    void a_task_that_was_handed_out_after_its_withdrawal_is_withdrawn_once_more_unless_it_was_answered() {
        UserTaskPoll withdrawals = new UserTaskPoll(subscription(Event.WITHDRAWN), NOON, 0);
        handedOut("crossed", NOON);
        handedOut("answered", NOON);
        assertThat(takeAll(withdrawals)).containsExactlyInAnyOrder("crossed", "answered");
        List<UserTask> gone = List.of(task(withdrawals, "crossed"), task(withdrawals, "answered"));
        marks.put("answered", new Mark(Mark.State.ANSWERED, ""));

        gone.forEach(withdrawals::again);

        now += SECOND;
        assertThat(takeAll(withdrawals)).containsExactly("crossed");
        now += SECOND;
        assertThat(takeAll(withdrawals)).isEmpty();
    }

    @Test
    void an_answer_counts_whoever_sets_its_mark_first() {
        JsonNode set = JsonNodeFactory.instance.textNode("done now worker-1");
        Mark done = Mark.of(Mark.VARIABLE, set);
        Mark answered = Mark.of(Mark.ANSWER, set);

        assertThat(Mark.both(done, answered)).isEqualTo(answered);
        assertThat(Mark.both(answered, done)).isEqualTo(answered);
        assertThat(Mark.both(done, null)).isEqualTo(done);
        assertThat(Mark.both(null, done)).isEqualTo(done);
        assertThat(Mark.isToWithdraw(answered)).isFalse();
        assertThat(Mark.of("etdSomethingElse", set)).isNull();
    }

    @Test
    void leaving_a_task_to_another_dispatcher_once_costs_it_no_try() {
        task("a", NOON);
        ask();
        UserTask task = poll.startable(16, now).get(0);

        assertThat(poll.leave(task)).isTrue();
        assertThat(poll.leave(task)).as("the second time it is taken").isFalse();
        assertThat(poll.failed(task)).isEqualTo(1);
    }

    private List<String> takeAll() {
        return takeAll(poll);
    }

    /** Asks and begins until the engine is to be left alone, as the dispatcher does. */
    private List<String> takeAll(UserTaskPoll poll) {
        List<String> taken = new ArrayList<>();
        while (poll.nanosToNextQuery(now) <= 0) {
            ask(poll);
            for (List<UserTask> begun = poll.startable(16, now); !begun.isEmpty(); begun = poll.startable(16, now)) {
                for (UserTask task : begun) {
                    taken.add(task.id());
                    marks.putIfAbsent(task.id(), new Mark(Mark.State.DONE, "worker-1"));
                    poll.settled(task);
                    poll.ended(task);
                }
            }
        }
        return taken;
    }

    private void ask() {
        ask(poll);
    }

    private void ask(UserTaskPoll poll) {
        UserTaskQuery query = poll.query(now);
        poll.listed(page(query), query, now);
        poll.marked(marks);
    }

    /** What an engine answers. */
    private List<ListedTask> page(UserTaskQuery query) {
        String field = query.isOpen() ? "created" : "endTime";
        return engine.stream()
                .sorted(Comparator.comparing(
                                (ObjectNode task) -> task.path(field).asText())
                        .thenComparing(task -> task.path("id").asText()))
                .map(task -> ListedTask.of(task, query).orElseThrow())
                .filter(task -> query.from() == null || !task.time().isBefore(query.from()))
                .skip(query.firstResult())
                .limit(UserTaskQuery.PAGE)
                .toList();
    }

    private void handedOut(String id, OffsetDateTime ended) {
        task(id, ended);
        marks.put(id, new Mark(Mark.State.DONE, "worker-1"));
    }

    private UserTask task(UserTaskPoll of, String id) {
        return UserTask.of(JsonNodeFactory.instance.objectNode().put("id", id), of.subscription())
                .orElseThrow();
    }

    private void task(String id, OffsetDateTime time) {
        engine.add(JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("created", EngineDate.of(time))
                .put("endTime", EngineDate.of(time)));
    }

    private static UserTaskSubscription subscription(Event event) {
        UserTaskSubscription.Key key = new UserTaskSubscription.Key("default", "usr_Approve", event);
        Map<String, String> options = event == Event.CREATED ? Map.of("variables", "*") : Map.of("event", "withdrawn");
        return new UserTaskOptions("usr_Approve", options).subscription(key, "file:usr_Approve.camel.yaml");
    }
}
