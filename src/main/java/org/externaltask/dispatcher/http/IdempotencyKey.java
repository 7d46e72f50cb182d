package org.externaltask.dispatcher.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.apache.camel.Exchange;

/**
 * Knows by what a gateway can tell a repeat: the id of the task, for every try of the task. A route that changes something more than
 * once must not send the same key twice, because a gateway that drops repeats would drop the second change. So each further call
 * adds its place among them and a checksum of its method and address: they are the same when the task is tried again, and not
 * those of another call, even when the next try takes another turn.
 */
final class IdempotencyKey {

    private static final String CHANGES = "etdChangingCalls";

    /** Where something else than the id of the task tells repeats, because the task has more than one occasion to call. */
    private static final String OCCASION = "etdIdempotencyKey";

    private IdempotencyKey() {}

    /** The key of a call that is about to be made; null when it belongs to no task. */
    static String of(Exchange exchange, HttpCall call, URI address) {
        String task = exchange.getProperty(OCCASION, exchange.getVariable("taskId", String.class), String.class);
        if (task == null || !call.changes()) {
            return task;
        }
        // One counter for all copies of the exchange that a split or a multicast makes.
        AtomicInteger changes = exchange.getProperty(CHANGES, AtomicInteger.class);
        if (changes == null) {
            changes = new AtomicInteger();
            exchange.setProperty(CHANGES, changes);
        }
        int place = changes.incrementAndGet();
        return place == 1 ? task : "%s:%d-%08x".formatted(task, place, checksum(call, address));
    }

    private static long checksum(HttpCall call, URI address) {
        CRC32 checksum = new CRC32();
        checksum.update((call.method() + " " + address).getBytes(StandardCharsets.US_ASCII));
        return checksum.getValue();
    }
}
