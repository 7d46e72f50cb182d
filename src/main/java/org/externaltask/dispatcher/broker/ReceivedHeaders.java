package org.externaltask.dispatcher.broker;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.springrabbit.MessagePropertiesConverter;
import org.apache.camel.component.springrabbit.SpringRabbitMQConstants;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.springframework.amqp.core.MessageProperties;

/** Lets in what names a message and its task; whoever sends a message has no other say over a route's headers. */
final class ReceivedHeaders implements MessagePropertiesConverter {

    private final RetryQueues retryQueues;

    ReceivedHeaders(RetryQueues retryQueues) {
        this.retryQueues = retryQueues;
    }

    @Override
    public Map<String, Object> fromMessageProperties(MessageProperties properties, Exchange exchange) {
        Map<String, Object> headers = new HashMap<>();
        TaskHeaders.ALL.forEach(name -> {
            if (properties.getHeader(name) instanceof String text) {
                headers.put(name, text);
            }
        });
        Attempts before = retryQueues.before(properties, Instant.now());
        exchange.setProperty(MessageErrors.ATTEMPTS, before.made());
        put(headers, SpringRabbitMQConstants.MESSAGE_ID, properties.getMessageId());
        put(headers, SpringRabbitMQConstants.CORRELATION_ID, properties.getCorrelationId());
        put(headers, SpringRabbitMQConstants.EXCHANGE_NAME, before.exchange());
        put(headers, SpringRabbitMQConstants.ROUTING_KEY, before.routingKey());
        put(headers, SpringRabbitMQConstants.REDELIVERED, properties.getRedelivered());
        put(headers, SpringRabbitMQConstants.TIMESTAMP, properties.getTimestamp());
        return headers;
    }

    private static void put(Map<String, Object> headers, String name, Object value) {
        if (value != null) {
            headers.put(name, value);
        }
    }

    @Override
    public MessageProperties toMessageProperties(Exchange exchange) {
        return new MessageProperties();
    }

    @Override
    public void setHeaderFilterStrategy(HeaderFilterStrategy strategy) {
        // an allow-list leaves nothing to filter
    }
}
