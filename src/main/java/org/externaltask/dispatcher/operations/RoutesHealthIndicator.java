package org.externaltask.dispatcher.operations;

import org.externaltask.dispatcher.reload.TopicRoutes;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Tells how many topic files are at work and which are refused; always UP, because a restart would mend no file. */
@Component
class RoutesHealthIndicator implements HealthIndicator {

    private final TopicRoutes routes;

    RoutesHealthIndicator(TopicRoutes routes) {
        this.routes = routes;
    }

    @Override
    public Health health() {
        TopicRoutes.Status status = routes.status();
        Health.Builder health = Health.up().withDetail("topicFiles", status.atWork());
        if (status.refused().isEmpty()) {
            return health.withDetail("reload", status.loaded() ? "OK" : "LOADING")
                    .build();
        }
        return health.withDetail("reload", "FAILED")
                .withDetail("refused", status.refused())
                .build();
    }
}
