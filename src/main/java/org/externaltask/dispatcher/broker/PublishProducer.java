package org.externaltask.dispatcher.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.context.Scope;
import java.util.Collection;
import java.util.Date;
import java.util.Map;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.json.Json;
import org.externaltask.dispatcher.trace.Spans;
import org.externaltask.dispatcher.trace.TaskLog;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;

/** Makes a message of an exchange, publishes it without holding a thread, and leaves an empty body. */
class PublishProducer extends DefaultAsyncProducer {

    private final PublishEndpoint endpoint;
    private final Publisher publisher;
    private final Circuit circuit;

    PublishProducer(PublishEndpoint endpoint, Publisher publisher, Circuit circuit) {
        super(endpoint);
        this.circuit = circuit;
        this.endpoint = endpoint;
        this.publisher = publisher;
        publisher.show(endpoint.destination());
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try (Scope trace = Spans.enter(exchange)) {
            Message message = message(exchange);
            Circuit.Permission permission = circuit.permission(exchange);
            publisher.publish(endpoint.destination(), message).whenComplete((done, failure) -> {
                tell(permission, failure);
                nameInLog(exchange);
                if (failure == null) {
                    exchange.getMessage().setBody(null);
                } else {
                    exchange.setException(Publisher.cause(failure));
                }
                try {
                    callback.done(false);
                } finally {
                    TaskLog.leave();
                }
            });
            TaskLog.leave(); // the work goes on in another thread
            return false;
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
    }

    private static void nameInLog(Exchange exchange) {
        TaskLog.enter(
                exchange.getVariable("engine", String.class),
                exchange.getVariable("topicName", String.class),
                exchange.getVariable("taskId", String.class),
                exchange.getVariable("processInstanceId", String.class),
                exchange.getVariable("businessKey", String.class));
    }

    private static void tell(Circuit.Permission permission, Throwable failure) {
        if (failure != null && Publisher.cause(failure) instanceof PublishFailed failed && failed.isBrokerAway()) {
            permission.failed(failed);
        } else {
            permission.succeeded();
        }
    }

    private Message message(Exchange exchange) {
        MessageProperties properties = new MessageProperties();
        properties.setMessageId(exchange.getVariable("taskId", String.class));
        properties.setContentType(endpoint.contentType());
        properties.setDeliveryMode(
                endpoint.persistent() ? MessageDeliveryMode.PERSISTENT : MessageDeliveryMode.NON_PERSISTENT);
        properties.setTimestamp(new Date());
        TaskHeaders.copy(exchange, properties);
        if (endpoint.tenant()) {
            TaskHeaders.set(properties, TaskHeaders.TENANT, exchange.getVariable("tenantId", String.class));
        }
        TaskHeaders.set(properties, TaskHeaders.MESSAGE_NAME, endpoint.messageName());
        return new Message(bytes(exchange), properties);
    }

    private byte[] bytes(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body == null) {
            throw PublishFailed.badBody(
                    endpoint.destination(), "the body is empty; write {} for a message without content", null);
        }
        if (body instanceof String text) {
            return text.getBytes(UTF_8);
        }
        if (body instanceof JsonNode || body instanceof Map || body instanceof Collection) {
            return json(body);
        }
        byte[] bytes = exchange.getContext().getTypeConverter().tryConvertTo(byte[].class, exchange, body);
        if (bytes == null) {
            throw PublishFailed.badBody(
                    endpoint.destination(),
                    "the body is a " + body.getClass().getName() + "; expected JSON (the result of jq), text or bytes",
                    null);
        }
        return bytes;
    }

    private byte[] json(Object body) {
        try {
            return Json.MAPPER.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw PublishFailed.badBody(endpoint.destination(), "the body cannot be written as JSON", e);
        }
    }
}
