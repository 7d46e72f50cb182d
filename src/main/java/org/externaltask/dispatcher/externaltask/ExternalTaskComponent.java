package org.externaltask.dispatcher.externaltask;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.stereotype.Component;

/**
 * The Camel component {@code external-task:<topic>}. A route that consumes from it subscribes to the topic for as long as it is
 * started; producing to it runs a task through that route, synchronously like {@code direct:}.
 */
@Component("external-task")
public class ExternalTaskComponent extends DefaultComponent {

    private final Set<String> engines;
    private final Subscriptions subscriptions = new Subscriptions();

    public ExternalTaskComponent(EtdProperties properties) {
        this.engines = properties.engines().keySet();
    }

    public Subscriptions subscriptions() {
        return subscriptions;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String topic, Map<String, Object> parameters) {
        Map<String, String> texts = new LinkedHashMap<>();
        parameters.forEach((name, value) -> texts.put(name, String.valueOf(value)));
        parameters.clear();
        SubscriptionOptions options = new SubscriptionOptions(topic, texts);
        return new ExternalTaskEndpoint(uri, this, topic, options.engine(engines), options);
    }
}
