package org.externaltask.dispatcher.externaltask;

import java.util.List;
import java.util.Map;
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
     * @param started whether it asks for it now
     */
    public record SubscribingRoute(String id, String group, String description, Subscribed asks, boolean started) {}

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

    private static SubscribingRoute route(Route route, SubscribingConsumer<?> consumer) {
        return new SubscribingRoute(
                route.getRouteId().replaceFirst("~\\d+$", ""),
                route.getGroup(),
                route.getDescription(),
                consumer.subscription(),
                consumer.isSubscribed());
    }
}
