package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.externaltask.dispatcher.sandbox.RabbitMq;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Two tenants and nobody's instances at once, on a real engine and RabbitMQ; and messages that say their own name. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "etd.routes=file:src/test/resources/tenants",
            "etd.broker.parking-queue=it.tenants.parked",
            "etd.broker.retry-queue=it.tenants.retry",
            "etd.broker.retry-delays=100ms"
        })
@DirtiesContext
class TenantsIT {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String WORK = "it.tenant-work";

    private static RabbitMq rabbitMq;

    private final EngineClient engine = Surroundings.ENGINE.client();

    @Autowired
    private RabbitTemplate rabbit;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        rabbitMq = RabbitMq.required();
        Surroundings.connect(properties, rabbitMq);
    }

    @BeforeAll
    static void deploy() {
        for (String tenant : new String[] {"acme", "globex"}) {
            for (String process : new String[] {"one-message", "one-task"}) {
                Surroundings.ENGINE
                        .client()
                        .deployFor(tenant, Path.of("src/test/resources/processes", process + ".bpmn"));
            }
        }
    }

    @AfterAll
    static void cleanUp() throws Exception {
        rabbitMq.remove(
                WORK,
                "it.tenant-order",
                "it.named",
                "it.tenants.parked",
                "it.tenants.retry.100ms",
                "it.tenants.retry.back");
    }

    @Test
    void gateway_and_broker_are_told_the_tenant_of_each_task_and_no_other() {
        new RabbitAdmin(rabbit).declareQueue(new Queue(WORK));
        Surroundings.GATEWAY.wireMock().stubFor(post(urlEqualTo("/tenant-work")).willReturn(okJson("{}")));
        Map<String, String> expected = new HashMap<>();
        for (int n = 0; n < 10; n++) {
            for (String tenant : new String[] {"acme", "globex", ""}) {
                expected.put(start("one-task", tenant, tenant + "-" + n), tenant);
            }
        }

        Map<String, String> told = new HashMap<>();
        await().atMost(SOON).until(() -> {
            Message message = rabbit.receive(WORK, 1_000);
            if (message != null) {
                MessageProperties properties = message.getMessageProperties();
                String tenant = properties.getHeader("etd-tenant-id");
                told.put(properties.getHeader("etd-process-instance-id"), tenant == null ? "" : tenant);
            }
            return told.size() == expected.size();
        });

        assertThat(told).isEqualTo(expected);
        assertThat(Surroundings.GATEWAY.wireMock().findAll(postRequestedFor(urlEqualTo("/tenant-work"))))
                .hasSize(expected.size())
                .allSatisfy(request -> {
                    String tenant = request.getHeader("X-Tenant-Id");
                    assertThat(request.getBodyAsString()).contains("\"" + (tenant == null ? "" : tenant) + "-");
                });
    }

    @Test
    void a_message_reaches_the_instance_of_its_tenant_alone_though_all_have_the_same_business_key() {
        String order = "O-" + UUID.randomUUID();
        String acme = start("one-message", "acme", order);
        String globex = start("one-message", "globex", order);
        String nobodys = start("one-message", "", order);

        send("it.tenant-order", "{\"orderNumber\": \"" + order + "\"}", "globex");
        awaitEnd(globex);
        assertThat(engine.isEnded(acme) || engine.isEnded(nobodys)).isFalse();

        send("it.tenant-order", "{\"orderNumber\": \"" + order + "\"}", null);
        awaitEnd(nobodys);
        assertThat(engine.isEnded(acme)).isFalse();

        send("it.tenant-order", "{\"orderNumber\": \"" + order + "\"}", "acme");
        awaitEnd(acme);
    }

    @Test
    void a_body_with_message_name_and_process_instance_id_is_taken_as_it_stands() {
        String instance = start("one-message", "", "O-" + UUID.randomUUID());

        send(
                "it.named",
                "{\"messageName\": \"msg_OrderReceived\", \"processInstanceId\": \"" + instance
                        + "\", \"receivedAt\": \"2026-01-31T12:00:00Z\"}",
                null);

        awaitEnd(instance);
        assertThat(engine.variables(instance))
                .containsKey("receivedAt")
                .doesNotContainKeys("messageName", "processInstanceId");
    }

    @Test
    void a_message_name_that_the_route_does_not_list_is_parked_and_reaches_nobody() {
        String instance = start("one-message", "", "O-" + UUID.randomUUID());

        send("it.named", "{\"messageName\": \"msg_SomethingElse\", \"processInstanceId\": \"" + instance + "\"}", null);

        Message parked = rabbit.receive("it.tenants.parked", SOON.toMillis());
        assertThat(parked).isNotNull();
        assertThat((String) parked.getMessageProperties().getHeader("etd-parked-reason"))
                .contains("messageName is none that this route takes");
        assertThat(engine.isEnded(instance)).isFalse();
    }

    private String start(String process, String tenant, String businessKey) {
        return engine.post(
                        "/process-definition/key/" + process + (tenant.isEmpty() ? "" : "/tenant-id/" + tenant)
                                + "/start",
                        Map.of(
                                "businessKey",
                                businessKey,
                                "variables",
                                EngineClient.typed(Map.of("topic", "svc_TenantWork", "work", businessKey))))
                .path("id")
                .asText();
    }

    private void send(String queue, String body, String tenant) {
        MessageProperties properties = new MessageProperties();
        properties.setMessageId(UUID.randomUUID().toString());
        if (tenant != null) {
            properties.setHeader("etd-tenant-id", tenant);
        }
        rabbit.send("", queue, new Message(body.getBytes(StandardCharsets.UTF_8), properties));
    }

    private void awaitEnd(String instance) {
        await().atMost(SOON).until(() -> engine.isEnded(instance));
    }
}
