package org.externaltask.dispatcher.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.Exchange;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageDeliveryMode;

/** What {@code publish:} promises, on any broker. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PublishTest {

    static final ObjectMapper JSON = new ObjectMapper();

    TestBroker broker;
    BrokerSide side;

    abstract TestBroker startBroker() throws Exception;

    @BeforeAll
    void connect() throws Exception {
        broker = startBroker();
        side = new BrokerSide(broker, broker.port());
    }

    @AfterAll
    void disconnect() {
        if (side != null) {
            side.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void a_message_arrives_with_the_task_s_headers_and_no_others() throws Exception {
        String exchange = side.exchange();
        String queue = side.queue();
        bind(queue, exchange, "order.confirmed");
        Exchange sent = exchange(JSON.readTree("{\"orderId\": \"A-1\"}"));
        sent.setVariable("taskId", "task-1");
        sent.setVariable("workerId", "worker-1");
        sent.setVariable("topicName", "msg_ConfirmOrder");
        sent.setVariable("processInstanceId", "instance-1");
        sent.setVariable("businessKey", "order-äß-1");
        sent.setVariable("engine", "default");
        sent.setVariable("tenantId", "tenant-1");
        sent.getMessage().setHeader("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        sent.getMessage().setHeader("Authorization", "Bearer secret");
        sent.getMessage().setHeader("CC", "another.queue");
        sent.getMessage().setHeader("CamelSpringRabbitmqRoutingOverrideKey", "another.key");
        sent.getMessage().setHeader("CamelSpringRabbitmqExchangeOverrideName", "another.exchange");

        side.camelTemplate.send("publish:" + exchange + "?routingKey=order.confirmed&messageName=OrderConfirmed", sent);

        assertThat(sent.getException()).isNull();
        assertThat(sent.getMessage().getBody()).isNull();
        Message message = side.receive(queue);
        assertThat(message.getBody()).asString().isEqualTo("{\"orderId\":\"A-1\"}");
        assertThat(ownHeaders(message))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "etd-task-id", "task-1",
                        "etd-worker-id", "worker-1",
                        "etd-topic", "msg_ConfirmOrder",
                        "etd-process-instance-id", "instance-1",
                        "etd-business-key", "order-äß-1",
                        "etd-engine", "default",
                        "etd-message-name", "OrderConfirmed",
                        "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        assertThat(message.getMessageProperties()).satisfies(properties -> {
            assertThat(properties.getMessageId()).isEqualTo("task-1");
            assertThat(properties.getContentType()).isEqualTo("application/json");
            assertThat(properties.getReceivedDeliveryMode()).isEqualTo(MessageDeliveryMode.PERSISTENT);
            assertThat(properties.getTimestamp())
                    .isCloseTo(Date.from(Instant.now()), Duration.ofMinutes(1).toMillis());
        });
    }

    @Test
    void the_tenant_goes_along_when_the_route_says_so_and_each_message_has_its_own() throws Exception {
        String queue = side.queue();

        for (String tenant : new String[] {"acme", "globex", null}) {
            Exchange sent = exchange("{}");
            sent.setVariable("tenantId", tenant);
            side.camelTemplate.send("publish:default?tenant=true&routingKey=" + queue, sent);
            assertThat(sent.getException()).isNull();
        }

        assertThat(ownHeaders(side.receive(queue))).containsEntry("etd-tenant-id", "acme");
        assertThat(ownHeaders(side.receive(queue))).containsEntry("etd-tenant-id", "globex");
        assertThat(ownHeaders(side.receive(queue))).doesNotContainKey("etd-tenant-id");
    }

    @Test
    void headers_of_what_a_task_does_not_have_are_left_out() throws Exception {
        String queue = side.queue();

        send("publish:default?routingKey=" + queue, "{}");

        assertThat(ownHeaders(side.receive(queue))).isEmpty();
    }

    @Test
    void a_message_need_not_be_persistent_nor_json() throws Exception {
        String queue = side.queue();

        send("publish:default?routingKey=" + queue + "&persistent=false&contentType=text/plain", "grüße");

        Message message = side.receive(queue);
        assertThat(message.getMessageProperties().getReceivedDeliveryMode())
                .isEqualTo(MessageDeliveryMode.NON_PERSISTENT);
        assertThat(message.getMessageProperties().getContentType()).isEqualTo("text/plain");
        assertThat(message.getBody()).asString().isEqualTo("grüße");
    }

    @Test
    void bytes_go_out_as_they_are() {
        String queue = side.queue();
        byte[] bytes = {0, 1, -1, 127, -128};

        send("publish:default?routingKey=" + queue, bytes);

        assertThat(side.receive(queue).getBody()).isEqualTo(bytes);
    }

    @Test
    void a_missing_exchange_is_named_at_once_and_trying_again_is_no_use() {
        long start = System.nanoTime();

        PublishFailed failure = failureOf("publish:no.such.exchange?routingKey=order.confirmed", "{}");

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
        assertThat(failure.retriable()).isFalse();
        assertThat(failure)
                .hasMessage("there is no exchange 'no.such.exchange' (routing key 'order.confirmed'): create the"
                        + " exchange on the broker, or correct exchange in the route");
    }

    @Test
    void a_routing_key_that_leads_nowhere_is_named_and_trying_again_is_no_use() {
        String exchange = side.exchange();

        PublishFailed failure = failureOf("publish:" + exchange + "?routingKey=nobody.listens", "{}");

        assertThat(failure)
                .hasMessageStartingWith("no queue takes a message from exchange '" + exchange
                        + "' with routing key 'nobody.listens': bind a queue");
        assertThat(failure.retriable()).isFalse();
    }

    @Test
    void a_missing_exchange_does_no_harm_to_the_messages_around_it() {
        String queue = side.queue();
        AtomicInteger arrived = new AtomicInteger();

        for (int i = 0; i < 100; i++) {
            assertThat(failureOf("publish:no.such.exchange", "{}")).hasMessageStartingWith("there is no exchange");
            send("publish:default?routingKey=" + queue, "{}");
            arrived.incrementAndGet();
        }

        assertThat(side.messages(queue)).isEqualTo(arrived.get());
    }

    @Test
    void an_exchange_that_vanishes_is_noticed() {
        String exchange = side.exchange();
        bind(side.queue(), exchange, "order.confirmed");
        send("publish:" + exchange + "?routingKey=order.confirmed", "{}");

        side.admin.deleteExchange(exchange);

        PublishFailed failure = failureOf("publish:" + exchange + "?routingKey=order.confirmed", "{}");
        assertThat(failure).hasMessageStartingWith("there is no exchange '" + exchange + "'");
        assertThat(failure.retriable()).isFalse();
    }

    @Test
    void an_empty_body_is_refused_before_anything_is_sent() {
        String queue = side.queue();

        PublishFailed failure = failureOf("publish:default?routingKey=" + queue, null);

        assertThat(failure.retriable()).isFalse();
        assertThat(failure)
                .hasMessage("nothing was sent to default exchange with routing key '" + queue
                        + "': the body is empty; write {} for a message without content");
        assertThat(side.messages(queue)).isZero();
    }

    @Test
    void a_body_that_is_neither_json_nor_text_nor_bytes_is_refused() {
        assertThat(failureOf("publish:orders?routingKey=x", new Object()))
                .hasMessageContaining("the body is a java.lang.Object; expected JSON");
    }

    @Test
    void many_messages_are_confirmed_side_by_side_and_go_on_on_threads_of_their_own() throws Exception {
        String queue = side.queue();
        int count = 500;
        CountDownLatch done = new CountDownLatch(count);
        AtomicInteger onBrokerThread = new AtomicInteger();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        AsyncProcessor producer = producer("publish:default?routingKey=" + queue);

        for (int i = 0; i < count; i++) {
            Exchange exchange = exchange("{}");
            producer.process(exchange, sync -> {
                if (Thread.currentThread().getName().startsWith("AMQP")) {
                    onBrokerThread.incrementAndGet();
                }
                if (exchange.isFailed()) {
                    failures.add(exchange.getException());
                }
                done.countDown();
            });
        }

        assertThat(done.await(20, TimeUnit.SECONDS)).as("every callback came").isTrue();
        assertThat(failures).isEmpty();
        assertThat(onBrokerThread).hasValue(0);
        assertThat(side.messages(queue)).isEqualTo(count);
    }

    @Test
    void the_kamelet_publishes_with_all_its_parameters() {
        String exchange = side.exchange();
        String queue = side.queue();
        bind(queue, exchange, "order.confirmed");

        send(
                "kamelet:publish-message?exchange=" + exchange
                        + "&routingKey=order.confirmed&messageName=OrderConfirmed&contentType=text/plain&persistent=false",
                "text");

        Message message = side.receive(queue);
        assertThat(ownHeaders(message)).containsExactly(Map.entry("etd-message-name", "OrderConfirmed"));
        assertThat(message.getMessageProperties().getContentType()).isEqualTo("text/plain");
        assertThat(message.getMessageProperties().getReceivedDeliveryMode())
                .isEqualTo(MessageDeliveryMode.NON_PERSISTENT);
    }

    @Test
    void the_kamelet_needs_no_more_than_an_exchange() {
        String exchange = side.exchange();
        String queue = side.queue();
        bind(queue, exchange, "");

        send("kamelet:publish-message?exchange=" + exchange, "{}");

        Message message = side.receive(queue);
        assertThat(ownHeaders(message)).isEmpty();
        assertThat(message.getMessageProperties().getContentType()).isEqualTo("application/json");
        assertThat(message.getMessageProperties().getReceivedDeliveryMode()).isEqualTo(MessageDeliveryMode.PERSISTENT);
    }

    @Test
    void what_fails_in_the_kamelet_is_what_its_caller_gets() {
        assertThat(failureOf("kamelet:publish-message?exchange=no.such.exchange", "{}"))
                .hasMessageStartingWith("there is no exchange 'no.such.exchange'");
    }

    @Test
    void a_route_can_not_start_with_publish() {
        assertThatThrownBy(() -> side.camel.getEndpoint("publish:orders").createConsumer(exchange -> {}))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("from: spring-rabbitmq:<exchange>");
    }

    @Test
    void a_misspelt_option_is_an_error() {
        assertThatThrownBy(() -> side.camel.getEndpoint("publish:orders?routingKee=x"))
                .isInstanceOf(ResolveEndpointFailedException.class)
                .hasMessageContaining("routingKee");
    }

    void bind(String queue, String exchange, String routingKey) {
        side.admin.declareBinding(new Binding(queue, Binding.DestinationType.QUEUE, exchange, routingKey, Map.of()));
    }

    Exchange exchange(Object body) {
        Exchange exchange = new DefaultExchange(side.camel);
        exchange.getMessage().setBody(body);
        return exchange;
    }

    void send(String uri, Object body) {
        Exchange exchange = side.camelTemplate.send(uri, exchange(body));
        assertThat(exchange.getException()).isNull();
    }

    PublishFailed failureOf(String uri, Object body) {
        return failureOf(side, uri, body);
    }

    static PublishFailed failureOf(BrokerSide side, String uri, Object body) {
        Exchange exchange = new DefaultExchange(side.camel);
        exchange.getMessage().setBody(body);
        side.camelTemplate.send(uri, exchange);
        assertThat(exchange.getException()).isInstanceOf(PublishFailed.class);
        return (PublishFailed) exchange.getException();
    }

    AsyncProcessor producer(String uri) throws Exception {
        return side.camel.getEndpoint(uri).createAsyncProducer();
    }

    /** Spring AMQP tells its own returned messages by two headers that it adds. */
    private static Map<String, Object> ownHeaders(Message message) {
        Map<String, Object> headers =
                new HashMap<>(message.getMessageProperties().getHeaders());
        headers.keySet().removeIf(name -> name.startsWith("spring_"));
        return headers;
    }
}
