package org.externaltask.dispatcher.reload;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.Route;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteBuilderLifecycleStrategy;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Puts topic routes into the live Camel context and takes them out, without disturbing tasks at work.
 *
 * <p>A stopped route fails the exchanges that are still in it, so a route with work in it is only cut off from new work,
 * its successor is put beside it (under the id {@code svc_X~2}, because ids are unique), and it goes when it is empty.
 */
@Component
class LiveRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(LiveRoutes.class);

    /** How long a route that cannot have its successor beside it may finish its work before it is stopped. */
    private static final long GRACE_SECONDS = 10;

    private static final long HAND_OVER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final CamelContext context;
    private final List<String> leaving = new ArrayList<>();

    LiveRoutes(CamelContext context) {
        this.context = context;
    }

    /** Adds the route of a file; in a context that has not started yet it starts with it. */
    void add(TopicFile file) throws BrokenTopicFile {
        String id = freeId(file.name());
        if (context.isStarted()) {
            context.setAutoStartup(true); // the supervising route controller turns it off, but kamelets need it
        }
        try {
            for (RoutesBuilder builder :
                    PluginHelper.getRoutesLoader(context).findRoutesBuilders(List.of(file.resource()))) {
                ((RouteBuilder) builder).addLifecycleInterceptor(new Named(id));
                context.addRoutes(builder);
            }
        } catch (Exception e) {
            discard(id);
            throw BrokenTopicFile.because(e);
        }
        if (context.isStarted()) {
            start(id);
        }
    }

    /** Camel's supervising route controller starts no route that is added later, but from here on it cares for it. */
    private void start(String id) {
        try {
            context.getRouteController().startRoute(id);
        } catch (Exception e) {
            LOG.warn(
                    "{} cannot start yet, it is tried again: {}",
                    id,
                    BrokenTopicFile.because(e).getMessage());
        }
    }

    /**
     * Puts the new version of a file in the place of the old one; when that fails the old one works on.
     *
     * @return how many exchanges end on the old version
     */
    int replace(TopicFile before, TopicFile now) throws BrokenTopicFile {
        Optional<Route> old = routeOf(before);
        if (old.isEmpty()) {
            add(now);
            return 0;
        }
        Route route = old.get();
        int atWork = cutOff(route);
        if (atWork > 0) {
            try {
                add(now);
            } catch (BrokenTopicFile e) {
                ServiceHelper.resumeService(route.getConsumer());
                throw e;
            }
            leaving.add(route.getRouteId());
            return atWork;
        }
        drop(route.getRouteId());
        try {
            add(now);
        } catch (BrokenTopicFile e) {
            add(before);
            throw e;
        }
        return 0;
    }

    /**
     * Takes the route of a file out.
     *
     * @return how many exchanges still end on it
     */
    int remove(TopicFile file) {
        Optional<Route> route = routeOf(file);
        int atWork = route.map(this::cutOff).orElse(0);
        route.map(Route::getRouteId).ifPresent(atWork > 0 ? leaving::add : this::drop);
        return atWork;
    }

    /** Drops the routes that have finished their work since they were replaced or removed. */
    void dropFinished() {
        for (String id : List.copyOf(leaving)) {
            if (atWork(id) == 0) {
                leaving.remove(id);
                drop(id);
            }
        }
    }

    /** Ends the flow of new work into a route and tells how many exchanges are still in it. */
    private int cutOff(Route route) {
        if (!(route.getEndpoint() instanceof MultipleConsumersSupport endpoint)
                || !endpoint.isMultipleConsumersSupported()) {
            return 0; // cannot have a successor beside it: drop() waits for its work
        }
        ServiceHelper.suspendService(route.getConsumer());
        LockSupport.parkNanos(HAND_OVER_NANOS); // an exchange may be on its way from the consumer into the route
        return atWork(route.getRouteId());
    }

    private int atWork(String id) {
        return context.getInflightRepository().size(id);
    }

    private void drop(String id) {
        try {
            context.getRouteController().stopRoute(id, GRACE_SECONDS, TimeUnit.SECONDS);
            context.removeRoute(id);
            for (Optional<Route> route = Kamelets.unused(context);
                    route.isPresent();
                    route = Kamelets.unused(context)) {
                context.getRouteController().stopRoute(route.get().getRouteId(), GRACE_SECONDS, TimeUnit.SECONDS);
                context.removeRoute(route.get().getRouteId());
            }
        } catch (Exception e) {
            throw new IllegalStateException("route " + id + " could not be stopped; restart the dispatcher", e);
        }
    }

    /** Camel keeps what it had built of a route that it could not add. */
    private void discard(String id) {
        RouteDefinition half = model().getRouteDefinition(id);
        if (half != null) {
            drop(id);
            try {
                model().removeRouteDefinition(half);
            } catch (Exception e) {
                throw new IllegalStateException("route " + id + " could not be removed; restart the dispatcher", e);
            }
        }
    }

    private Optional<Route> routeOf(TopicFile file) {
        return context.getRoutes().stream()
                .filter(route -> route.getSourceResource() != null
                        && route.getSourceResource().getLocation().equals(file.location()))
                .filter(route -> !leaving.contains(route.getRouteId()))
                .findFirst();
    }

    private String freeId(String name) {
        String id = name;
        for (int version = 2; model().getRouteDefinition(id) != null; version++) {
            id = name + "~" + version;
        }
        return id;
    }

    private Model model() {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** Gives the one route of a builder its id. */
    private record Named(String id) implements RouteBuilderLifecycleStrategy {

        @Override
        public void afterConfigure(RouteBuilder builder) {
            builder.getRouteCollection().getRoutes().forEach(route -> route.setId(id));
        }
    }
}
