package org.externaltask.dispatcher.http;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpUriRequest;

/** Aborts a request that is not closed in time. */
final class Deadline implements AutoCloseable {

    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private final HttpUriRequest request;
    private final Future<?> alarm;
    private volatile boolean over;

    private Deadline(Duration patience, HttpUriRequest request) {
        this.request = request;
        this.alarm = CLOCK.schedule(this::abort, patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    static Deadline after(Duration patience, HttpUriRequest request) {
        return new Deadline(patience, request);
    }

    boolean isOver() {
        return over;
    }

    @Override
    public void close() {
        alarm.cancel(false);
    }

    private void abort() {
        over = true;
        request.abort();
    }

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "http-deadlines");
            thread.setDaemon(true);
            return thread;
        });
        clock.setRemoveOnCancelPolicy(true); // or each call would be remembered for as long as it might have taken
        return clock;
    }
}
