package org.externaltask.dispatcher.externaltask;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.springframework.stereotype.Component;

/** The routes that ask an engine for something, whether they are started or not. */
@Component
public class SubscribingRoutes {

    private final CamelContext camel;

    SubscribingRoutes(CamelContext camel) {
        this.camel = camel;
    }

    /**
     * Such a route.
     *
     * @param id the name of its file
     * @param group the folder of its file
     * @param asks what it asks for
     * @param started whether its route is started
     * @param paused whether it asks for nothing all the same, because an operator wants it so
     */
    public record SubscribingRoute(
            String id, String group, String description, Subscribed asks, boolean started, boolean paused) {}

    /** In the order of their engines and ids; of a route that an edited one replaces only that one. */
    public List<SubscribingRoute> all() {
        Map<String, SubscribingRoute> routes = new TreeMap<>();
        for (Route route : camel.getRoutes()) {
            if (route.getConsumer() instanceof SubscribingConsumer<?> consumer) {
                SubscribingRoute found = route(route, consumer);
                String name = found.asks().key().engine() + " " + found.id();
                routes.merge(name, found, (one, other) -> one.started() && !other.started() ? one : other);
            }
        }
        return List.copyOf(routes.values());
    }

    /**
     * From now on the engine is not asked for it, and what an open request still brings is given back. Work in progress ends. That
     * outlives a hot reload of its file, and ends with this process.
     *
     * @return false when it was paused already, or has no route
     */
    public boolean pause(SubscriptionKey key) {
        return consumer(key).map(SubscribingConsumer::pause).orElse(false);
    }

    /** @return false when it was not paused, or has no route */
    public boolean resume(SubscriptionKey key) {
        return consumer(key).map(SubscribingConsumer::unpause).orElse(false);
    }

    private Optional<SubscribingConsumer<?>> consumer(SubscriptionKey key) {
        for (Route route : camel.getRoutes()) {
            if (route.getConsumer() instanceof SubscribingConsumer<?> consumer
                    && consumer.subscription().key().equals(key)) {
                return Optional.of(consumer);
            }
        }
        return Optional.empty();
    }

    private static SubscribingRoute route(Route route, SubscribingConsumer<?> consumer) {
        return new SubscribingRoute(
                route.getRouteId().replaceFirst("~\\d+$", ""),
                route.getGroup(),
                route.getDescription(),
                consumer.subscription(),
                consumer.isStartedHere(),
                consumer.isPaused());
    }
}
