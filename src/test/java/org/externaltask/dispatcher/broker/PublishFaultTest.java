package org.externaltask.dispatcher.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.externaltask.dispatcher.circuit.Circuit;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.failure.CircuitOpen;
import org.externaltask.dispatcher.sandbox.FaultyLine;
import org.externaltask.dispatcher.sandbox.FreePort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code publish:} while the broker is away, silent, or set up so that a loss would go unseen. */
class PublishFaultTest {

    private TestBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = TestBroker.embedded(FreePort.find());
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void a_broker_that_is_down_is_worth_another_try() {
        try (BrokerSide side = new BrokerSide(broker, FreePort.find())) {
            PublishFailed failure = PublishTest.failureOf(side, "publish:orders?routingKey=order.confirmed", "{}");

            assertThat(failure.retriable()).isTrue();
            assertThat(failure)
                    .hasMessageContaining("exchange 'orders' with routing key 'order.confirmed'")
                    .hasMessageContaining("could not be sent to the broker at 127.0.0.1:")
                    .hasMessageContaining("Connection refused");
        }
    }

    @Test
    void a_confirm_that_does_not_come_in_time_is_worth_another_try_and_a_late_one_changes_nothing() throws Exception {
        try (FaultyLine line = new FaultyLine(broker.host(), broker.port());
                BrokerSide side = new BrokerSide(broker, line.port(), "etd.broker.confirm-timeout=1s")) {
            String queue = side.queue();
            String uri = "publish:default?routingKey=" + queue;
            assertThat(side.camelTemplate.send(uri, exchange(side)).getException())
                    .isNull();

            line.swallowAnswers(true);
            AtomicInteger calls = new AtomicInteger();
            Exchange unconfirmed = exchange(side);
            side.camel.getEndpoint(uri).createAsyncProducer().process(unconfirmed, sync -> calls.incrementAndGet());

            await().atMost(Duration.ofSeconds(3)).untilAtomic(calls, is(1));
            PublishFailed failure = unconfirmed.getException(PublishFailed.class);
            assertThat(failure.retriable()).isTrue();
            assertThat(failure).hasMessageContaining("did not confirm").hasMessageContaining("within 1000 ms");

            line.swallowAnswers(false);
            assertThat(side.camelTemplate.send(uri, exchange(side)).getException())
                    .as("the next message")
                    .isNull();
            assertThat(calls).hasValue(1);
            assertThat(unconfirmed.getException()).isSameAs(failure);
            line.close(); // so that closing does not wait for the confirm that was swallowed
        }
    }

    @Test
    void a_broker_that_takes_the_connection_and_says_nothing_is_given_up_after_the_timeout() throws Exception {
        try (FaultyLine line = new FaultyLine(broker.host(), broker.port());
                BrokerSide side = new BrokerSide(broker, line.port(), "etd.broker.confirm-timeout=1s")) {
            line.swallowAnswers(true);
            long start = System.nanoTime();

            PublishFailed failure = PublishTest.failureOf(side, "publish:orders", "{}");

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(2500));
            assertThat(failure.retriable()).isTrue();
            line.swallowAnswers(false);
        }
    }

    @Test
    void a_line_that_is_cut_before_the_confirm_is_worth_another_try() throws Exception {
        try (FaultyLine line = new FaultyLine(broker.host(), broker.port());
                BrokerSide side = new BrokerSide(broker, line.port())) {
            String uri = "publish:default?routingKey=" + side.queue();
            assertThat(side.camelTemplate.send(uri, exchange(side)).getException())
                    .isNull();
            line.swallowAnswers(true);
            AtomicInteger calls = new AtomicInteger();
            Exchange unconfirmed = exchange(side);
            side.camel.getEndpoint(uri).createAsyncProducer().process(unconfirmed, sync -> calls.incrementAndGet());

            line.close();

            await().atMost(Duration.ofSeconds(8)).untilAtomic(calls, is(1));
            assertThat(unconfirmed.getException(PublishFailed.class).retriable())
                    .isTrue();
        }
    }

    @Test
    void what_opens_the_circuit_is_a_broker_that_is_away_and_not_a_message_that_it_cannot_route() throws Exception {
        String[] twoCalls = {"etd.broker.circuit.sliding-window-size=2", "etd.broker.circuit.minimum-number-of-calls=2"
        };
        try (FaultyLine line = new FaultyLine(broker.host(), broker.port());
                BrokerSide side = new BrokerSide(broker, line.port(), twoCalls)) {
            Circuit circuit = side.application.getBean(Circuits.class).broker();
            for (int i = 0; i < 3; i++) {
                PublishTest.failureOf(side, "publish:default?routingKey=nobody", "{}");
                PublishTest.failureOf(side, "publish:nowhere", "{}");
            }
            assertThat(circuit.status().closed()).isTrue();

            line.cut();
            PublishTest.failureOf(side, "publish:default?routingKey=nobody", "{}"); // and that is half of the window

            assertThat(circuit.status().closed()).isFalse();
            assertThat(side.camelTemplate
                            .send("publish:default?routingKey=nobody", exchange(side))
                            .getException())
                    .isInstanceOf(CircuitOpen.class);
        }
    }

    @Test
    void without_the_broker_s_confirms_the_dispatcher_does_not_start() {
        assertThatThrownBy(() ->
                        BrokerSide.start("127.0.0.1", broker.port(), "spring.rabbitmq.publisher-confirm-type=simple"))
                .rootCause()
                .hasMessageContaining("set spring.rabbitmq.publisher-confirm-type=correlated and"
                        + " spring.rabbitmq.publisher-returns=true");
    }

    @Test
    void without_the_broker_s_returns_the_dispatcher_does_not_start() {
        assertThatThrownBy(
                        () -> BrokerSide.start("127.0.0.1", broker.port(), "spring.rabbitmq.publisher-returns=false"))
                .rootCause()
                .hasMessageContaining("spring.rabbitmq.publisher-returns=true");
    }

    private static Exchange exchange(BrokerSide side) {
        Exchange exchange = new DefaultExchange(side.camel);
        exchange.getMessage().setBody("{}");
        return exchange;
    }
}
