package org.externaltask.dispatcher.fetch;

import java.time.Duration;
import org.externaltask.dispatcher.fetch.Lease.End;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Ends the work before anything else stops: no engine is asked for tasks any more, what an open request still brings is given back,
 * and what is in work ends, with heartbeats, within the grace time.
 */
@Component
class GracefulStop implements SmartLifecycle {

    /** Spring's own default, when it is not set. */
    static final String GRACE = "${spring.lifecycle.timeout-per-shutdown-phase:30s}";

    private static final Logger LOG = LoggerFactory.getLogger(GracefulStop.class);

    private final FetchPlan plan;
    private final Leases leases;
    private final Duration grace;
    private volatile boolean running;

    GracefulStop(FetchPlan plan, Leases leases, @Value(GRACE) Duration grace) {
        this.plan = plan;
        this.leases = leases;
        this.grace = grace;
    }

    /** Before Camel, whose routes the work needs, and before the web server, which shows how far it is. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void start() {
        running = true;
        plan.start();
    }

    @Override
    public void stop() {
        long deadline = System.nanoTime() + grace.toNanos();
        int finished = leases.ended(End.FINISHED);
        int unlocked = leases.ended(End.UNLOCKED);
        int unreported = leases.ended(End.UNREPORTED);
        plan.stop();
        LOG.info("stopping: {} tasks in work may end within {} s", leases.size(), grace.toSeconds());
        try {
            plan.awaitAnswers(Duration.ofNanos(deadline - System.nanoTime()));
            leases.awaitNone(Duration.ofNanos(deadline - System.nanoTime()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int abandoned = leases.abandon();
        LOG.info(
                "stopped: completed={} unlocked={} abandoned={}",
                leases.ended(End.FINISHED) - finished,
                leases.ended(End.UNLOCKED) - unlocked,
                abandoned + leases.ended(End.UNREPORTED) - unreported);
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
