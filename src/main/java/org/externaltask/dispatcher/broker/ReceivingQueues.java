package org.externaltask.dispatcher.broker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.externaltask.dispatcher.meters.LastSeen;
import org.springframework.stereotype.Component;

/** The queues that routes receive from, and whether they are consumed. */
@Component
public class ReceivingQueues {

    private final CamelContext camel;
    private final ReceivingContainers containers;
    private final EngineWatch engines;
    private final QueuesSeen seen;
    private final WaitingMessages waiting;

    ReceivingQueues(
            CamelContext camel,
            ReceivingContainers containers,
            EngineWatch engines,
            QueuesSeen seen,
            WaitingMessages waiting) {
        this.camel = camel;
        this.containers = containers;
        this.engines = engines;
        this.seen = seen;
        this.waiting = waiting;
    }

    /**
     * A queue.
     *
     * @param route the name of the file of the route that receives from it
     * @param state {@code consuming}, {@code paused}, {@code engineDown} or {@code brokerDown}
     * @param reason why it is not consumed; null when it is
     * @param waiting how many of its messages wait in a retry queue because this process has put them there
     * @param seen when one of its messages last did its work, and how one last failed
     */
    public record ReceivingQueue(
            String queue, String route, String description, String state, String reason, long waiting, LastSeen seen) {}

    /** In the order of their names. */
    public List<ReceivingQueue> all() {
        List<ReceivingQueue> queues = new ArrayList<>();
        for (Route route : camel.getRoutes()) {
            if (route.getEndpoint() instanceof SpringRabbitMQEndpoint endpoint) {
                Topology.queues(endpoint).forEach(queue -> queues.add(queue(queue, route)));
            }
        }
        queues.sort(Comparator.comparing(ReceivingQueue::queue).thenComparing(ReceivingQueue::route));
        return queues;
    }

    private ReceivingQueue queue(String queue, Route route) {
        String id = route.getRouteId();
        String state = "consuming";
        String reason = null;
        if (!camel.getRouteController().getRouteStatus(id).isStarted()) {
            state = "paused";
            reason = "its route is not started";
        } else if (engines.stopped().values().stream().anyMatch(stopped -> stopped.contains(queue))) {
            state = "engineDown";
            reason = "the engine that its messages need is away; they stay in the queue";
        } else if (!containers.consume(queue)) {
            state = "brokerDown";
            reason = "the broker delivers nothing from this queue: it is away, or the queue cannot be declared";
        }
        return new ReceivingQueue(
                queue,
                id.replaceFirst("~\\d+$", ""),
                route.getDescription(),
                state,
                reason,
                waiting.of(queue),
                seen.of(queue));
    }
}
