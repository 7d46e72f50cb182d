package org.externaltask.dispatcher.operations.api;

import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.broker.ParkedMessages;
import org.externaltask.dispatcher.broker.ParkedMessages.Redriven;
import org.externaltask.dispatcher.externaltask.SubscribingRoutes;
import org.externaltask.dispatcher.externaltask.SubscribingRoutes.SubscribingRoute;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.springframework.stereotype.Component;

/** What an operator can do, each with a sentence that says what was done. */
@Component
class Actions {

    private static final int MOST_RETRIES = 999;

    private final TopicsView topics;
    private final SubscribingRoutes routes;
    private final Incidents incidents;
    private final EngineRequests engines;
    private final ParkedMessages parked;

    Actions(
            TopicsView topics,
            SubscribingRoutes routes,
            Incidents incidents,
            EngineRequests engines,
            ParkedMessages parked) {
        this.topics = topics;
        this.routes = routes;
        this.incidents = incidents;
        this.engines = engines;
        this.parked = parked;
    }

    /**
     * An action that was carried out.
     *
     * @param done what was done, in a sentence
     * @param count how many topics, tasks or messages it was done to
     */
    record Done(String done, long count) {}

    Done pause(String engine, String topic) {
        SubscribingRoute route = topics.route(engine, topic);
        return routes.pause(route.asks().key())
                ? new Done(topic + " is paused: engine " + engine + " is not asked for it any more.", 1)
                : new Done(topic + " was paused already.", 0);
    }

    Done resume(String engine, String topic) {
        SubscribingRoute route = topics.route(engine, topic);
        boolean resumed = routes.resume(route.asks().key());
        if (!route.started()) {
            throw Problem.badRequest("The route " + route.id()
                    + " is stopped, not only paused; start it where it was stopped, or restart the dispatcher.");
        }
        return resumed
                ? new Done(topic + " is resumed: engine " + engine + " is asked for it again.", 1)
                : new Done(topic + " was not paused.", 0);
    }

    /**
     * Gives the incidents of a topic new tries, so that they are fetched again.
     *
     * @param retries how often each may be tried; null for once
     * @param taskIds which; null for all of the topic
     */
    Done replay(String engine, String topic, Integer retries, Set<String> taskIds) {
        int tries = retries == null ? 1 : retries;
        if (tries < 1 || tries > MOST_RETRIES) {
            throw Problem.badRequest("'retries' is a whole number from 1 to " + MOST_RETRIES + ", not " + tries + ".");
        }
        Replay replayed = incidents.replay(topics.subscription(engine, topic), tries, taskIds);
        int count = replayed.taskIds().size();
        StringBuilder done = new StringBuilder()
                .append(count)
                .append(count == 1 ? " task of " : " tasks of ")
                .append(topic)
                .append(count == 1 ? " has " : " have ")
                .append(tries == 1 ? "one try" : tries + " tries")
                .append(" again.");
        if (taskIds != null && count < taskIds.size()) {
            done.append(" The others are no incidents of this topic any more.");
        }
        if (replayed.more()) {
            done.append(" There are more: replay again.");
        }
        return new Done(done.toString(), count);
    }

    /** Ends the lock of a task, whoever holds it. */
    Done unlock(String engine, String topic, String taskId) {
        Subscription subscription = topics.subscription(engine, topic);
        Exchange unlocked = engines.send(
                engine, "unlock-for-operator", Map.of("taskId", taskId, "topicName", subscription.topic()));
        String owner = unlocked.getVariable("lockOwner", String.class);
        return owner == null
                ? new Done("Task " + taskId + " was not locked.", 0)
                : new Done("Task " + taskId + " is unlocked; " + owner + " had locked it.", 1);
    }

    /** @param ids which; null for all */
    Done redrive(Set<String> ids) {
        Redriven redriven = ids == null ? parked.redrive(null, null) : parked.redrive(ids);
        int count =
                redriven.sent().values().stream().mapToInt(Integer::intValue).sum();
        if (redriven.problem() != null) {
            throw Problem.unavailable(messages(count) + " sent back, then: " + redriven.problem());
        }
        return new Done(
                messages(count) + " sent back"
                        + (count == 0 ? "." : " to " + redriven.sent().keySet() + "."),
                count);
    }

    /** @param ids which; there is no discarding of whatever is there */
    Done discard(Set<String> ids) {
        if (ids == null) {
            throw Problem.badRequest("Say which messages to discard: 'ids', as GET /actuator/etd/parked has them.");
        }
        int count = parked.discard(ids);
        return new Done(messages(count) + " discarded.", count);
    }

    private static String messages(int count) {
        return count == 1 ? "1 message" : count + " messages";
    }
}
