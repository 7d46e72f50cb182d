package org.externaltask.dispatcher.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.externaltask.dispatcher.soak.Evidence.Incident;
import org.externaltask.dispatcher.soak.Evidence.Instance;
import org.externaltask.dispatcher.soak.Evidence.OpenTask;
import org.externaltask.dispatcher.soak.Evidence.Parked;
import org.externaltask.dispatcher.soak.Evidence.Task;
import org.junit.jupiter.api.Test;

/** Breaks one thing at a time in a history in which all is well. */
class InvariantCheckerTest {

    private final Set<String> orders = new HashSet<>(Set.of("DONE-1", "REJECTED-2", "INCIDENT-3"));
    private final List<Instance> instances = new ArrayList<>(List.of(
            done("i1"),
            new Instance(
                    "i2",
                    "REJECTED-2",
                    true,
                    Map.of("start", 1, "reserve", 1, "out-of-stock", 1, "rejected", 1),
                    Map.of("orderNumber", 1),
                    null),
            new Instance("i3", "INCIDENT-3", false, Map.of("start", 1), Map.of("orderNumber", 1), null)));
    private final List<Task> tasks = new ArrayList<>(List.of(
            new Task("t1", "svc_Reserve", "i1", 1),
            new Task("t2", "msg_PlaceOrder", "i1", 1),
            new Task("t3", "svc_Settle", "i1", 1),
            new Task("t4", "svc_Reserve", "i2", 0),
            new Task("t5", "svc_Reserve", "i3", 0)));
    private final List<OpenTask> openTasks =
            new ArrayList<>(List.of(new OpenTask("t5", "svc_Reserve", "i3", null, false)));
    private final List<Incident> incidents = new ArrayList<>(
            List.of(new Incident("i3", "t5", "svc_Reserve: POST /reserve of gateway default answered 422")));
    private final Map<String, Integer> gatewayCalls = new HashMap<>(Map.of("t1", 2, "t3", 1, "t4", 1, "t5", 1));
    private final Map<String, Integer> placed = new HashMap<>(Map.of("t2", 2));
    private final Map<String, Integer> sent = new HashMap<>(Map.of("accepted-t2", 2, "poison-t2", 1));
    private final List<Parked> parked = new ArrayList<>(List.of(new Parked("poison-t2", "the body is not JSON")));
    private final Map<String, Integer> left = new HashMap<>(Map.of("vendor", 0));
    private final List<String> complaints = new ArrayList<>();

    @Test
    void repeats_duplicates_and_explained_incidents_are_no_violations() {
        assertThat(violations()).isEmpty();
    }

    @Test
    void an_instance_that_just_stands_there_is_lost() {
        instances.set(0, new Instance("i1", "DONE-1", false, Map.of("start", 1), Map.of("orderNumber", 1), null));

        assertBroken(InvariantChecker.LOST, "i1");
    }

    @Test
    void an_order_that_the_engine_knows_nothing_of_is_noticed() {
        orders.add("DONE-4");

        assertBroken(InvariantChecker.NOT_STARTED_ONCE, "DONE-4");
    }

    @Test
    void an_order_with_two_instances_is_noticed() {
        instances.add(done("i4"));

        assertBroken(InvariantChecker.NOT_STARTED_ONCE, "DONE-1");
    }

    @Test
    void an_instance_that_ended_where_it_had_to_stand_is_noticed() {
        instances.set(2, new Instance("i3", "INCIDENT-3", true, Map.of(), Map.of(), null));

        assertBroken(InvariantChecker.WRONG_END, "i3");
    }

    @Test
    void an_incident_where_none_had_to_be_is_noticed() {
        instances.set(0, new Instance("i1", "DONE-1", false, Map.of("start", 1), Map.of("orderNumber", 1), null));
        incidents.add(new Incident("i1", "t1", "svc_Reserve: POST /reserve of gateway default answered 503"));

        assertBroken(InvariantChecker.WRONG_END, "i1");
    }

    @Test
    void an_incident_that_does_not_say_why_is_noticed() {
        incidents.set(0, new Incident("i3", "t5", "NullPointerException"));

        assertBroken(InvariantChecker.UNEXPLAINED, "i3");
    }

    @Test
    void a_task_that_is_locked_for_somebody_who_is_gone_is_noticed() {
        openTasks.set(0, new OpenTask("t5", "svc_Reserve", "i3", "dead-worker", true));

        assertBroken(InvariantChecker.LOCKED, "t5");
    }

    @Test
    void a_task_that_nobody_takes_is_noticed() {
        openTasks.add(new OpenTask("t3", "svc_Settle", "i1", null, false));

        assertBroken(InvariantChecker.LEFT, "t3");
    }

    @Test
    void a_task_that_was_completed_twice_is_noticed() {
        tasks.set(0, new Task("t1", "svc_Reserve", "i1", 2));

        assertBroken(InvariantChecker.COMPLETED_TWICE, "t1");
    }

    @Test
    void a_step_that_was_passed_twice_is_noticed() {
        Map<String, Integer> passed = new TreeMap<>(done("i1").passed());
        passed.put("settle", 2);
        instances.set(0, new Instance("i1", "DONE-1", true, passed, done("i1").writes(), "accepted-t2"));

        assertBroken(InvariantChecker.STEP_TWICE, "i1");
    }

    @Test
    void a_step_that_was_left_out_is_noticed() {
        Map<String, Integer> passed = new TreeMap<>(done("i1").passed());
        passed.remove("place");
        instances.set(0, new Instance("i1", "DONE-1", true, passed, done("i1").writes(), "accepted-t2"));

        assertBroken(InvariantChecker.STEP_TWICE, "i1");
    }

    @Test
    void a_variable_that_was_written_twice_is_noticed() {
        Map<String, Integer> writes = new TreeMap<>(done("i1").writes());
        writes.put("acceptance", 2);
        instances.set(0, new Instance("i1", "DONE-1", true, done("i1").passed(), writes, "accepted-t2"));

        assertBroken(InvariantChecker.WRITTEN_TWICE, "i1");
    }

    @Test
    void a_task_that_never_reached_the_gateway_is_noticed() {
        gatewayCalls.remove("t3");

        assertBroken(InvariantChecker.NOT_CALLED, "t3");
    }

    @Test
    void a_key_that_is_no_task_is_noticed() {
        gatewayCalls.put("null", 1);

        assertBroken(InvariantChecker.FOREIGN_KEY, "null");
    }

    @Test
    void a_send_task_that_was_completed_without_its_message_is_noticed() {
        placed.clear();

        assertBroken(InvariantChecker.NOT_PLACED, "t2");
    }

    @Test
    void a_message_of_no_task_is_noticed() {
        placed.put("t1", 1);

        assertBroken(InvariantChecker.FOREIGN_MESSAGE, "t1");
    }

    @Test
    void a_message_that_is_nowhere_is_lost() {
        parked.clear();

        assertBroken(InvariantChecker.MESSAGE_LOST, "poison-t2");
    }

    @Test
    void a_message_that_went_to_the_wrong_instance_is_noticed() {
        tasks.set(1, new Task("t2", "msg_PlaceOrder", "i2", 1));

        assertBroken(InvariantChecker.WRONG_CORRELATION, "accepted-t2");
    }

    @Test
    void a_message_that_was_parked_without_a_reason_is_noticed() {
        parked.set(0, new Parked("poison-t2", null));

        assertBroken(InvariantChecker.PARKED_WITHOUT_REASON, "poison-t2");
    }

    @Test
    void a_message_that_is_still_in_a_queue_is_noticed() {
        left.put("msg_OrderAccepted", 1);

        assertBroken(InvariantChecker.MESSAGE_LEFT, "msg_OrderAccepted");
    }

    @Test
    void a_process_that_ended_badly_is_noticed() {
        complaints.add("a dispatcher that got SIGTERM ended with 1");

        assertBroken(InvariantChecker.PROCESS, "process");
    }

    private static Instance done(String id) {
        return new Instance(
                id,
                "DONE-1",
                true,
                Map.of("start", 1, "reserve", 1, "place", 1, "accepted", 1, "settle", 1, "done", 1),
                Map.of("orderNumber", 1, "reservation", 1, "acceptance", 1, "settlement", 1),
                "accepted-t2");
    }

    private List<Violation> violations() {
        return InvariantChecker.check(new Evidence(
                orders, instances, tasks, openTasks, incidents, gatewayCalls, placed, sent, parked, left, complaints));
    }

    private void assertBroken(String invariant, String about) {
        assertThat(violations())
                .filteredOn(violation -> violation.invariant().equals(invariant))
                .extracting(Violation::about)
                .containsExactly(about);
    }
}
