package org.externaltask.dispatcher.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.fetch.Lease.End;
import org.junit.jupiter.api.Test;

/** A lock of 30 seconds, on a clock that only the tests move. */
class LeasesTest {

    private final Subscription subscription = TestSubscriptions.subscription("svc_A", 8);
    private final long began = Long.MAX_VALUE - Duration.ofSeconds(45).toNanos(); // the clock may overflow at any time
    private long now = began;
    private final Leases leases = new Leases(() -> now);
    private final Lease lease = leases.add(Lease.of(fetched()));

    @Test
    void a_task_that_is_done_before_a_third_of_its_lock_costs_no_heartbeat() {
        at(9);
        assertThat(leases.due()).isEmpty();

        leases.remove(lease);
        at(25);
        assertThat(leases.due()).isEmpty();
    }

    @Test
    void a_heartbeat_is_due_at_a_third_of_the_lock_and_once_at_a_time() {
        at(10);

        assertThat(leases.due()).containsExactly(lease);
        assertThat(leases.due()).as("the first is still on its way").isEmpty();
    }

    @Test
    void the_lease_moves_on_with_each_extension_from_the_time_it_was_asked_for() {
        at(10);
        leases.due();
        at(12);
        lease.extended(began + Duration.ofSeconds(10).toNanos());

        at(19);
        assertThat(leases.due()).isEmpty();
        at(20);
        assertThat(leases.due()).containsExactly(lease);
        at(39);
        assertThat(lease.isAlive(now)).isTrue();
        at(40);
        assertThat(lease.isAlive(now)).isFalse();
    }

    @Test
    void a_heartbeat_that_was_not_answered_is_repeated_while_the_lease_lives() {
        at(10);
        leases.due();
        lease.notExtended(now);

        at(14);
        assertThat(leases.due()).isEmpty();
        at(15);
        assertThat(leases.due()).containsExactly(lease);
        lease.notExtended(now);
        at(30);
        assertThat(leases.due()).as("the engine would refuse it").isEmpty();
    }

    @Test
    void a_lost_lock_is_news_once_gets_no_heartbeat_and_its_result_is_not_reported() {
        at(10);
        leases.due();

        assertThat(lease.lost(now)).isTrue();
        assertThat(lease.lost(now)).isFalse();
        at(20);
        assertThat(leases.due()).isEmpty();
        assertThat(lease.report(now)).isFalse();
    }

    @Test
    void a_heartbeat_that_crosses_the_report_of_its_task_does_not_count_as_a_loss() {
        at(10);
        leases.due();

        assertThat(lease.report(now)).isTrue();
        assertThat(lease.lost(now)).isFalse();
        assertThat(lease.report(now))
                .as("a refused result is reported as a failure")
                .isTrue();
    }

    @Test
    void a_heartbeat_gives_way_to_a_report_that_begins_at_the_same_time() {
        at(10);
        lease.report(now);

        assertThat(leases.due()).isEmpty();
        at(15);
        assertThat(leases.due()).containsExactly(lease);
    }

    @Test
    void the_lock_is_extended_while_a_report_is_repeated() {
        lease.report(now);
        at(10);

        assertThat(leases.due()).containsExactly(lease);
    }

    @Test
    void a_task_that_is_fetched_again_after_its_lock_was_lost_goes_on_with_the_new_lock() {
        at(31);
        lease.lost(now);

        assertThat(leases.renew(fetched())).isTrue();
        assertThat(lease.isAlive(now)).isTrue();
        assertThat(lease.report(now)).isTrue();
    }

    @Test
    void a_result_that_waits_for_the_engine_goes_on_with_the_new_lock_when_its_own_has_run_out() {
        lease.report(now);
        at(31);

        assertThat(leases.renew(fetched())).isTrue();
    }

    @Test
    void a_task_that_is_fetched_again_when_its_result_was_reported_or_dropped_is_started_anew() {
        lease.report(now);
        assertThat(leases.renew(fetched()))
                .as("the engine offers it because the report has arrived")
                .isFalse();

        Lease dropped = leases.add(Lease.of(fetched()));
        dropped.lost(now);
        dropped.report(now);
        assertThat(leases.renew(fetched())).isFalse();
    }

    @Test
    void the_end_of_an_older_lease_does_not_forget_the_newer_one_of_the_same_task() {
        Lease newer = leases.add(Lease.of(fetched()));

        leases.remove(lease);

        assertThat(leases.size()).isEqualTo(1);
        at(10);
        assertThat(leases.due()).containsExactly(newer);
    }

    @Test
    void a_task_that_was_not_started_gets_no_heartbeat() {
        leases.remove(lease);
        leases.add(Lease.notStarted(fetched(), "unlocked"));
        at(10);

        assertThat(leases.due()).isEmpty();
    }

    @Test
    void what_became_of_the_tasks_is_counted() throws Exception {
        lease.end(End.UNLOCKED);
        leases.remove(lease);

        leases.awaitNone(Duration.ofSeconds(5));
        assertThat(leases.ended(End.UNLOCKED)).isEqualTo(1);
        assertThat(leases.ended(End.FINISHED)).isZero();
    }

    private LockedTask fetched() {
        return TestSubscriptions.task(
                "t-1", subscription, now + Duration.ofSeconds(30).toNanos());
    }

    private void at(int seconds) {
        now = began + Duration.ofSeconds(seconds).toNanos();
    }
}
