package org.externaltask.dispatcher.usertask;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.stereotype.Component;

/** Starts a loop for every configured engine that asks it for user tasks, once the routes are there to be asked for. */
@Component
class UserTaskRoutes implements CamelContextConfiguration {

    private final EtdProperties properties;

    UserTaskRoutes(EtdProperties properties) {
        this.properties = properties;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {}

    @Override
    public void afterApplicationStart(CamelContext context) {
        for (String engine : properties.engines().keySet()) {
            TemplatedRouteBuilder.builder(context, "poll-user-tasks")
                    .routeId("poll-user-tasks-" + engine)
                    .parameter("engine", engine)
                    .add();
        }
    }
}
