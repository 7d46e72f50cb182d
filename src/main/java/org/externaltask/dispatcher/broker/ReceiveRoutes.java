package org.externaltask.dispatcher.broker;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.springframework.stereotype.Component;

/** The routes that receive messages, as they are loaded now. */
@Component
class ReceiveRoutes {

    private final CamelContext camel;

    ReceiveRoutes(CamelContext camel) {
        this.camel = camel;
    }

    List<SpringRabbitMQEndpoint> endpoints() {
        return camel.getRoutes().stream()
                .map(Route::getEndpoint)
                .filter(SpringRabbitMQEndpoint.class::isInstance)
                .map(SpringRabbitMQEndpoint.class::cast)
                .toList();
    }

    Set<String> queues() {
        Set<String> queues = new TreeSet<>();
        endpoints().forEach(endpoint -> queues.addAll(Topology.queues(endpoint)));
        return queues;
    }
}
