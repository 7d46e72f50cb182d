package org.externaltask.dispatcher.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The promises of {@code publish:} on RabbitMQ. */
class PublishOnRabbitMqTest extends PublishTest {

    @Override
    TestBroker startBroker() {
        return TestBroker.rabbitMq();
    }

    @Test
    void a_message_that_a_full_queue_refuses_is_worth_another_try() {
        String queue = side.queue(Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
        send("publish:default?routingKey=" + queue, "{}");

        PublishFailed failure = failureOf("publish:default?routingKey=" + queue, "{}");

        assertThat(failure.retriable()).isTrue();
        assertThat(failure)
                .hasMessage("the broker did not take a message for default exchange with routing key '" + queue
                        + "' (a queue may be full)");
        assertThat(side.messages(queue)).isOne();
    }
}
