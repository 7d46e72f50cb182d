package org.externaltask.dispatcher.reload;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.kamelet.KameletEndpoint;

/** Knows which routes Camel has made for kamelets ({@code call-gateway-13}) and which of them nobody uses any more. */
final class Kamelets {

    private Kamelets() {}

    /** Whether this is the {@code kamelet:source} or {@code kamelet:sink} within a kamelet rather than a use of one. */
    static boolean isInside(KameletEndpoint endpoint) {
        return endpoint.getEndpointUri().matches("kamelet:(//)?(source|sink)\\b.*");
    }

    /**
     * A route of a kamelet whose using endpoint is gone. Camel drops the endpoint with the last route that uses it but
     * leaves the kamelet's route behind.
     */
    static Optional<Route> unused(CamelContext context) {
        Set<String> used = context.getEndpoints().stream()
                .filter(KameletEndpoint.class::isInstance)
                .map(KameletEndpoint.class::cast)
                .filter(endpoint -> !isInside(endpoint))
                .map(KameletEndpoint::getRouteId)
                .collect(Collectors.toSet());
        return context.getRoutes().stream()
                .filter(Route::isCreatedByKamelet)
                .filter(route -> !used.contains(route.getRouteId()))
                .findFirst();
    }
}
