package org.externaltask.dispatcher.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.engine.NobodyWaits;
import org.externaltask.dispatcher.json.Json;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Every way to say who gets a message and what is started, with the kamelets as routes use them, on a real engine. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "etd.routes=file:src/test/resources/leases",
            "camel.main.routes-include-pattern=classpath:routes/dispatcher/*.camel.yaml,classpath:correlate/kamelets.camel.yaml"
        })
@DirtiesContext
class CorrelateAndStartIT {

    private static final Path ONE_MESSAGE = Path.of("src/test/resources/processes/one-message.bpmn");
    private static final Path SEVERAL_WAIT = Path.of("src/test/resources/processes/several-wait.bpmn");
    private static final Path WAITS_FOR_SIGNAL = Path.of("src/test/resources/processes/waits-for-signal.bpmn");

    private final EngineClient engine = Surroundings.ENGINE.client();
    private final String key = UUID.randomUUID().toString();

    @Autowired
    private CamelContext camel;

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @BeforeAll
    static void deployForTenants() {
        for (String tenant : List.of("acme", "globex")) {
            Surroundings.ENGINE.client().deployFor(tenant, ONE_MESSAGE);
            Surroundings.ENGINE.client().deployFor(tenant, SEVERAL_WAIT);
            Surroundings.ENGINE.client().deployFor(tenant, WAITS_FOR_SIGNAL);
        }
    }

    @Test
    void a_message_finds_its_instance_by_process_instance_id() {
        String instance = startOf(null, "one-message", Map.of());
        String other = startOf(null, "one-message", Map.of());

        send("correlate-with-instance", Map.of("instance", instance), "{}");

        assertThat(engine.isEnded(instance)).isTrue();
        assertThat(engine.isEnded(other)).isFalse();
    }

    @Test
    void a_message_finds_its_instance_by_the_value_of_a_process_variable() {
        String instance = startOf(null, "one-message", Map.of("orderNumber", key));

        send("correlate-by-variable", Map.of(), "{\"orderNumber\":\"" + key + "\"}");

        assertThat(engine.isEnded(instance)).isTrue();
    }

    @Test
    void a_message_finds_one_of_many_waiting_activities_of_an_instance_by_its_local_variable() {
        String instance = startOf(null, "several-wait", Map.of());

        send("correlate-locally", Map.of("key", key), "{\"position\":1,\"piece\":\"second\"}");

        List<JsonNode> waiting =
                engine.list("/variable-instance?variableName=position&processInstanceIdIn=" + instance);
        assertThat(waiting)
                .extracting(variable -> variable.path("value").asInt())
                .containsExactlyInAnyOrder(0, 2);
    }

    @Test
    void a_message_to_all_reaches_every_activity_that_waits() {
        String instance = startOf(null, "several-wait", Map.of());

        send("correlate-all", Map.of("key", key), "{}");

        assertThat(engine.isEnded(instance)).isTrue();
    }

    @Test
    void a_message_can_bring_variables_for_the_waiting_activity_alone() {
        String instance = startOf(null, "one-message", Map.of());

        send(
                "correlate-with-local-variables",
                Map.of("key", key),
                "{\"receivedAt\":\"today\",\"receipt\":\"R-1\",\"other\":1}");

        Map<String, JsonNode> variables = engine.variables(instance);
        assertThat(variables).containsOnlyKeys("receivedAt", "receipt");
        assertThat(variables.get("receivedAt").path("activityInstanceId").asText())
                .isEqualTo(instance);
        assertThat(variables.get("receipt").path("activityInstanceId").asText()).startsWith("wait:");
    }

    @Test
    void each_run_of_an_event_subprocess_has_the_variables_of_the_message_that_began_it() {
        String instance = startOf(null, "takes-notes", Map.of());

        send("correlate-into-scope", Map.of("key", key), "{\"note\":\"first\"}");
        send("correlate-into-scope", Map.of("key", key), "{\"note\":\"second\"}");

        List<JsonNode> notes = engine.list("/variable-instance?variableName=note&processInstanceIdIn=" + instance);
        assertThat(notes).extracting(note -> note.path("value").asText()).containsExactlyInAnyOrder("first", "second");
        assertThat(notes)
                .extracting(note -> note.path("executionId").asText())
                .doesNotContain(instance)
                .doesNotHaveDuplicates();
        engine.cancel(instance);
    }

    @Test
    void a_message_for_a_tenant_reaches_instances_of_that_tenant_alone() {
        String acme = startOf("acme", "one-message", Map.of());
        String globex = startOf("globex", "one-message", Map.of());
        String nobodys = startOf(null, "one-message", Map.of());

        send("correlate", Map.of("key", key, "tenant", "acme"), "{}");

        assertThat(engine.isEnded(acme)).isTrue();
        assertThat(engine.isEnded(globex)).isFalse();
        assertThat(engine.isEnded(nobodys)).isFalse();
    }

    @Test
    void a_message_without_a_tenant_reaches_instances_of_no_tenant_alone() {
        String acme = startOf("acme", "one-message", Map.of());
        String nobodys = startOf(null, "one-message", Map.of());

        send("correlate-without-tenant", Map.of("key", key), "{}");

        assertThat(engine.isEnded(nobodys)).isTrue();
        assertThat(engine.isEnded(acme)).isFalse();
    }

    @Test
    void a_message_for_another_tenant_reaches_nobody() {
        startOf("acme", "one-message", Map.of());

        assertThatThrownBy(() -> send("correlate", Map.of("key", key, "tenant", "globex"), "{}"))
                .hasCauseInstanceOf(NobodyWaits.class);
    }

    @Test
    void a_message_for_a_tenant_and_for_none_is_refused_with_what_to_do() {
        assertThatThrownBy(() -> send("correlate-without-tenant", Map.of("key", key, "tenant", "acme"), "{}"))
                .hasStackTraceContaining(
                        "it has a tenant, and withoutTenantId is true; leave out one of the two parameters");
    }

    @Test
    void a_process_is_started_by_key_once_for_its_business_key() {
        String started = start("start", Map.of("key", key));

        assertThat(start("start", Map.of("key", key))).isEqualTo(started);
        assertThat(engine.processInstance(started).path("businessKey").asText()).isEqualTo(key);
    }

    @Test
    void an_instance_that_has_ended_counts_as_started_too() {
        String started = start("start", Map.of("key", key));
        send("correlate-with-instance", Map.of("instance", started), "{}");

        assertThat(start("start", Map.of("key", key))).isEqualTo(started);
    }

    @Test
    void an_instance_that_somebody_deleted_does_not_count() {
        String started = start("start", Map.of("key", key));
        engine.cancel(started);

        assertThat(start("start", Map.of("key", key))).isNotEqualTo(started);
    }

    @Test
    void whoever_does_not_want_to_look_gets_another_instance() {
        assertThat(start("start-always", Map.of("key", key))).isNotEqualTo(start("start-always", Map.of("key", key)));
    }

    @Test
    void a_process_is_started_for_its_tenant() {
        String acme = start("start", Map.of("key", key, "tenant", "acme"));
        String nobodys = start("start", Map.of("key", key));

        assertThat(tenantOf(acme)).isEqualTo("acme");
        assertThat(tenantOf(nobodys)).isNull();
    }

    @Test
    void a_process_is_started_by_version_tag_and_tenant() {
        String started = start("start-first", Map.of("key", key, "tenant", "globex"));

        assertThat(tenantOf(started)).isEqualTo("globex");
        assertThatThrownBy(() -> start("start-second", Map.of("key", key)))
                .hasStackTraceContaining("there is no process definition 'several-wait' with version tag 'second'");
    }

    @Test
    void a_signal_reaches_everybody_of_a_tenant_who_waits_with_its_variables() {
        String one = startOf("acme", "waits-for-signal", Map.of());
        String two = startOf("acme", "waits-for-signal", Map.of());
        String other = startOf("globex", "waits-for-signal", Map.of());

        send("signal", Map.of("tenant", "acme"), "{\"price\":5,\"secret\":1}");

        assertThat(engine.isEnded(one)).isTrue();
        assertThat(engine.isEnded(two)).isTrue();
        assertThat(engine.isEnded(other)).isFalse();
        assertThat(engine.variables(one)).containsOnlyKeys("price");
    }

    @Test
    void a_signal_without_a_tenant_reaches_instances_of_no_tenant_alone() {
        String acme = startOf("acme", "waits-for-signal", Map.of());
        String nobodys = startOf(null, "waits-for-signal", Map.of());

        send("signal-without-tenant", Map.of(), "{}");

        assertThat(engine.isEnded(nobodys)).isTrue();
        assertThat(engine.isEnded(acme)).isFalse();
    }

    @Test
    void a_signal_whose_tenant_is_missing_reaches_no_instance_of_a_tenant() {
        String acme = startOf("acme", "waits-for-signal", Map.of());

        send("signal", Map.of(), "{\"price\":5}");

        assertThat(engine.isEnded(acme)).isFalse();
    }

    @Test
    void a_signal_to_one_execution_reaches_no_other_and_without_its_id_nobody() {
        String one = startOf(null, "waits-for-signal", Map.of());
        String other = startOf(null, "waits-for-signal", Map.of());
        String execution = engine.list(
                        "/execution?signalEventSubscriptionName=sig_PricesChanged&processInstanceId=" + one)
                .get(0)
                .path("id")
                .asText();

        assertThatThrownBy(() -> send("signal-to-one", Map.of(), "{}"))
                .hasStackTraceContaining("its executionId has no value");
        send("signal-to-one", Map.of("execution", execution), "{}");

        assertThat(engine.isEnded(one)).isTrue();
        assertThat(engine.isEnded(other)).isFalse();
    }

    private String start(String route, Map<String, Object> headers) {
        return send(route, headers, "{\"article\":\"A-1\"}").getVariable("startedProcessInstanceId", String.class);
    }

    private Exchange send(String route, Map<String, Object> headers, String body) {
        Exchange exchange = camel.createProducerTemplate().request("direct:" + route, message -> {
            message.getMessage().setHeaders(new HashMap<>(headers));
            message.getMessage().setBody(Json.parse(body));
        });
        if (exchange.getException() != null) {
            throw new CamelExecutionException(route, exchange, exchange.getException());
        }
        return exchange;
    }

    private String startOf(String tenant, String process, Map<String, ?> variables) {
        return engine.post(
                        "/process-definition/key/" + process + (tenant == null ? "" : "/tenant-id/" + tenant)
                                + "/start",
                        Map.of("businessKey", key, "variables", EngineClient.typed(variables)))
                .path("id")
                .asText();
    }

    private String tenantOf(String instance) {
        return engine.processInstance(instance).path("tenantId").textValue();
    }
}
