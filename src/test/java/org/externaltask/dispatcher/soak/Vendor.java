package org.externaltask.dispatcher.soak;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.TopicExchange;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;

/**
 * The system that orders are placed at: drops what it has had already, by {@code message_id}, and answers the rest; sometimes twice,
 * and sometimes with something on top that nobody can read or that is for nobody.
 */
final class Vendor implements AutoCloseable {

    static final String EXCHANGE = "soak";
    static final String QUEUE = "vendor";
    private static final String ACCEPTED = "accepted-";
    private static final Duration CONFIRM = Duration.ofSeconds(5);

    private final CachingConnectionFactory connections;
    private final RabbitTemplate template;
    private final SimpleMessageListenerContainer desk;
    private final Map<String, Integer> received = new ConcurrentHashMap<>();
    private final Map<String, Integer> sent = new ConcurrentHashMap<>();
    private final Set<String> answered = ConcurrentHashMap.newKeySet();

    Vendor(String brokerHost, int brokerPort) {
        connections = new CachingConnectionFactory(brokerHost, brokerPort);
        connections.setUsername("guest");
        connections.setPassword("guest");
        connections.setPublisherConfirmType(CachingConnectionFactory.ConfirmType.SIMPLE);
        template = new RabbitTemplate(connections);
        RabbitAdmin admin = new RabbitAdmin(connections);
        TopicExchange exchange = new TopicExchange(EXCHANGE);
        Queue queue = new Queue(QUEUE);
        admin.declareExchange(exchange);
        admin.declareQueue(queue);
        admin.declareBinding(BindingBuilder.bind(queue).to(exchange).with("order.placed"));
        desk = new SimpleMessageListenerContainer(connections);
        desk.setQueueNames(QUEUE);
        desk.setPrefetchCount(20);
        desk.setConcurrentConsumers(2);
        desk.setRecoveryInterval(1_000);
        desk.setMessageListener(this::receive);
        desk.start();
    }

    /** {@code message_id} of what it received to how often. */
    Map<String, Integer> received() {
        return Map.copyOf(received);
    }

    /** {@code message_id} of what it sent to how many copies the broker has confirmed. */
    Map<String, Integer> sent() {
        return Map.copyOf(sent);
    }

    /** A failure here makes the broker deliver the message again. */
    private void receive(Message message) {
        String id = String.valueOf(message.getMessageProperties().getMessageId());
        received.merge(id, 1, Integer::sum);
        if (!answered.contains(id)) {
            answer(id, message.getMessageProperties().getHeaders());
            answered.add(id);
        }
    }

    private void answer(String id, Map<String, Object> headers) {
        String answer =
                """
                {"orderNumber": "%s", "processInstanceId": "%s", "acceptance": "%s"}
                """.formatted(headers.get("etd-business-key"), headers.get("etd-process-instance-id"), acceptance(id));
        int chance = Math.floorMod(id.hashCode(), 100);
        send(acceptance(id), answer, chance < 5 ? 2 : 1);
        if (chance == 10) {
            send("poison-" + id, "<accepted/>", 1);
        } else if (chance == 11) {
            send("nobody-" + id, "{\"orderNumber\": \"NOBODY\", \"acceptance\": \"none\"}", 1);
        }
    }

    private static String acceptance(String placedId) {
        return ACCEPTED + placedId;
    }

    /** The {@code message_id} of the order that the acceptance with this one answers. */
    static Optional<String> placedId(String acceptance) {
        return acceptance.startsWith(ACCEPTED)
                ? Optional.of(acceptance.substring(ACCEPTED.length()))
                : Optional.empty();
    }

    private void send(String id, String body, int copies) {
        Message message = MessageBuilder.withBody(body.getBytes(StandardCharsets.UTF_8))
                .setContentType("application/json")
                .setMessageId(id)
                .setDeliveryMode(MessageDeliveryMode.PERSISTENT)
                .build();
        template.invoke(channel -> {
            for (int i = 0; i < copies; i++) {
                channel.send(EXCHANGE, "order.accepted", message);
            }
            channel.waitForConfirmsOrDie(CONFIRM.toMillis());
            return null;
        });
        sent.merge(id, copies, Integer::sum);
    }

    @Override
    public void close() {
        desk.stop();
        connections.destroy();
    }
}
