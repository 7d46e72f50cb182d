package org.externaltask.dispatcher.fetch;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;
import org.springframework.stereotype.Component;

/** Prepares to give back a task that has not been started. */
@Component("giveBackTask")
class GiveBackTask implements Processor {

    private final Leases leases;

    GiveBackTask(Leases leases) {
        this.leases = leases;
    }

    @Override
    public void process(Exchange exchange) {
        Lease lease = exchange.getMessage().getBody(Lease.class);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                leases.remove(lease);
            }
        });
        new TaskInWork(lease, null).attachTo(exchange);
        exchange.setProperty("etdOutcome", lease.notStarted());
        // The engine lets anybody unlock a task, whoever holds it now.
        exchange.setProperty("etdLeaseAlive", lease.isAlive(System.nanoTime()));
    }
}
