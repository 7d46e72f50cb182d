package org.externaltask.dispatcher.operations;

import java.util.Map;
import java.util.TreeMap;
import org.externaltask.dispatcher.fetch.FetchPlan;
import org.externaltask.dispatcher.outcome.TopicsSeen;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Health of the topics: down when one that has room was not asked for in three times the time that a fetch may take. A topic whose
 * tasks fail is up: its last error is here, and the engine has the incidents.
 */
@Component("topics")
class TopicsHealth implements HealthIndicator {

    private final FetchPlan fetchPlan;
    private final TopicsSeen seen;

    TopicsHealth(FetchPlan fetchPlan, TopicsSeen seen) {
        this.fetchPlan = fetchPlan;
        this.seen = seen;
    }

    @Override
    public Health health() {
        Map<String, Object> details = new TreeMap<>();
        boolean up = true;
        for (FetchPlan.Polled topic : fetchPlan.polled()) {
            up &= !topic.overdue();
            Map<String, Object> item = new TreeMap<>(
                    seen.of(topic.key().engine(), topic.key().topic()).details());
            item.put("lastPollSecondsAgo", topic.ago().toSeconds());
            item.put("status", topic.overdue() ? "DOWN" : "UP");
            details.put(topic.key().engine() + "/" + topic.key().topic(), item);
        }
        return Health.status(up ? "UP" : "DOWN").withDetails(details).build();
    }
}
