package org.externaltask.dispatcher.usertask;

import static org.assertj.core.api.Assertions.assertThat;

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
        assertThat(withdrawals.startable(16, now)).extracting(UserTask::id).containsExactlyInAnyOrder("done", "begun");
    }

    /** Asks and begins until the engine is to be left alone, as the dispatcher does. */
    private List<String> takeAll() {
        List<String> taken = new ArrayList<>();
        while (poll.nanosToNextQuery(now) <= 0) {
            ask();
            for (List<UserTask> begun = poll.startable(16, now); !begun.isEmpty(); begun = poll.startable(16, now)) {
                for (UserTask task : begun) {
                    taken.add(task.id());
                    marks.put(task.id(), new Mark(Mark.State.DONE, "worker-1"));
                    poll.settled(task);
                    poll.ended(task);
                }
            }
        }
        return taken;
    }

    private void ask() {
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
