package org.externaltask.dispatcher.broker;

import java.util.Collection;
import java.util.List;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.core.MessagePropertiesBuilder;

/** Makes of a received message one to send on: the same, but it survives a restart, does not expire, and goes where we send it. */
final class MessageCopy {

    /** RabbitMQ also delivers to the queues that these name, so a sender could choose where a copy goes. */
    private static final List<String> ROUTING_HEADERS = List.of("CC", "BCC");

    /** What the broker itself notes. It drops a message that its {@code x-death} says to be going in circles. */
    static final List<String> BROKER_HEADERS = List.of(
            "x-death",
            "x-first-death-exchange",
            "x-first-death-queue",
            "x-first-death-reason",
            "x-last-death-exchange",
            "x-last-death-queue",
            "x-last-death-reason",
            "x-delivery-count");

    private MessageCopy() {}

    /** @param without headers that the copy must not have */
    static Message of(Message message, Collection<String> without) {
        MessageProperties properties = MessagePropertiesBuilder.fromClonedProperties(message.getMessageProperties())
                .setDeliveryMode(MessageDeliveryMode.PERSISTENT)
                .setExpiration(null)
                .build();
        ROUTING_HEADERS.forEach(properties.getHeaders()::remove);
        without.forEach(properties.getHeaders()::remove);
        return MessageBuilder.withBody(message.getBody())
                .andProperties(properties)
                .build();
    }
}
