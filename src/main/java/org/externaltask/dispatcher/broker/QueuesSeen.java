package org.externaltask.dispatcher.broker;

import java.util.Map;
import java.util.TreeMap;
import org.externaltask.dispatcher.meters.LastSeen;
import org.externaltask.dispatcher.meters.Tagged;
import org.springframework.stereotype.Component;

/** Knows when a message of each queue last did its work, and with what kind of error one last failed. */
@Component
public class QueuesSeen {

    private final Tagged<LastSeen> queues = Tagged.by(tags -> new LastSeen(), "queue");
    private final ReceiveRoutes routes;

    QueuesSeen(ReceiveRoutes routes) {
        this.routes = routes;
    }

    /** Of the queues that have a route now. */
    public Map<String, Map<String, Object>> details() {
        Map<String, Map<String, Object>> details = new TreeMap<>();
        routes.queues().forEach(queue -> details.put(queue, of(queue).details()));
        return details;
    }

    LastSeen of(String queue) {
        return queues.of(queue);
    }
}
