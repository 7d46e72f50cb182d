package org.externaltask.dispatcher.usertask;

import java.util.Map;
import java.util.Set;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.externaltask.EndpointOptions;
import org.externaltask.dispatcher.externaltask.SubscribingEndpoint;
import org.externaltask.dispatcher.externaltask.Subscriptions;
import org.springframework.stereotype.Component;

/**
 * The Camel component {@code user-task:<taskDefinitionKey>}. The engine is polled for the user tasks that a route consumes for as long
 * as the route is started; producing to it runs a task through that route, synchronously like {@code direct:}.
 */
@Component("user-task")
class UserTaskComponent extends DefaultComponent {

    private final Set<String> engines;
    private final Subscriptions<UserTaskSubscription> subscriptions = new Subscriptions<>();

    UserTaskComponent(EtdProperties properties) {
        this.engines = properties.engines().keySet();
    }

    Subscriptions<UserTaskSubscription> subscriptions() {
        return subscriptions;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String taskDefinitionKey, Map<String, Object> parameters) {
        UserTaskOptions options = new UserTaskOptions(taskDefinitionKey, EndpointOptions.texts(parameters));
        UserTaskSubscription.Key key =
                new UserTaskSubscription.Key(options.engine(engines), taskDefinitionKey, options.event());
        return new SubscribingEndpoint<>(uri, this, subscriptions, key, source -> options.subscription(key, source));
    }
}
