package org.externaltask.dispatcher.fetch;

import java.util.Locale;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.stereotype.Component;

/** Starts the fetch loops of every configured engine, once the routes of the topics are there to be fetched for. */
@Component
class FetchRoutes implements CamelContextConfiguration {

    private final EtdProperties properties;

    FetchRoutes(EtdProperties properties) {
        this.properties = properties;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {}

    @Override
    public void afterApplicationStart(CamelContext context) {
        properties.engines().forEach((engine, settings) -> {
            for (FetchLane lane : FetchLane.values()) {
                TemplatedRouteBuilder.builder(context, "fetch-and-lock")
                        .routeId("fetch-and-lock-" + engine + "-"
                                + lane.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .parameter("engine", engine)
                        .parameter("lane", lane.name())
                        .parameter(
                                "timeout",
                                settings.asyncResponseTimeout()
                                                .plus(settings.responseTimeout())
                                                .toMillis()
                                        + "ms")
                        .add();
            }
        });
    }
}
