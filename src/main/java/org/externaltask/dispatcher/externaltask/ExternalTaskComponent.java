package org.externaltask.dispatcher.externaltask;

import java.util.Map;
import java.util.Set;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultComponent;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.stereotype.Component;

/**
 * The Camel component {@code external-task:<topic>}. A route that consumes from it subscribes to the topic for as long as it is
 * started; producing to it runs a task through that route, synchronously like {@code direct:}. {@code external-task:*}, which can only be
 * produced to, is the topic that the exchange variables {@code topicName} and {@code engine} name.
 */
@Component("external-task")
public class ExternalTaskComponent extends DefaultComponent {

    private static final String THAT_OF_THE_EXCHANGE = "*";

    private final Set<String> engines;
    private final Subscriptions<Subscription> subscriptions = new Subscriptions<>();

    public ExternalTaskComponent(EtdProperties properties) {
        this.engines = properties.engines().keySet();
    }

    public Subscriptions<Subscription> subscriptions() {
        return subscriptions;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String topic, Map<String, Object> parameters) {
        if (topic.equals(THAT_OF_THE_EXCHANGE)) {
            return new TopicOfExchangeEndpoint(uri, this, subscriptions);
        }
        SubscriptionOptions options = new SubscriptionOptions(topic, EndpointOptions.texts(parameters));
        String engine = options.engine(engines);
        return new SubscribingEndpoint<>(
                uri,
                this,
                subscriptions,
                new Subscription.Key(engine, topic),
                source -> options.subscription(engine, source));
    }
}
