package org.externaltask.dispatcher.externaltask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.engine.VariableType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class ExternalTaskComponentTest {

    private final CamelContext camel = new DefaultCamelContext();
    private final ExternalTaskComponent component = new ExternalTaskComponent(properties());

    @BeforeEach
    void start() {
        camel.addComponent("external-task", component);
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    @Test
    void a_started_route_subscribes_its_topic_with_the_options_that_it_states() throws Exception {
        route(
                "svc_A",
                "external-task:svc_A?variables=orderNumber, amount&outputs=total:Long,note&lockDuration=45s"
                        + "&maxConcurrent=4&retries=5&retryBackoff=1s,PT2M&bpmnErrors=404=NOT_FOUND,409=TAKEN&autoComplete=false"
                        + "&outputScope=local&processDefinitionKeys=order,claim&tenantIds=one&businessKey=B-1"
                        + "&processVariables=region=EU,priority=1&localVariables=true");

        assertThat(component.subscriptions().of("default")).singleElement().satisfies(subscription -> {
            assertThat(subscription.topic()).isEqualTo("svc_A");
            assertThat(subscription.variables()).containsExactly("orderNumber", "amount");
            assertThat(subscription.outputs()).containsExactly("total", "note");
            assertThat(subscription.outputTypes()).containsExactly(Map.entry("total", VariableType.LONG));
            assertThat(subscription.lockDuration()).isEqualTo(Duration.ofSeconds(45));
            assertThat(subscription.maxConcurrent()).isEqualTo(4);
            assertThat(subscription.retries()).isEqualTo(5);
            assertThat(subscription.retryBackoff()).isEqualTo(List.of(Duration.ofSeconds(1), Duration.ofMinutes(2)));
            assertThat(subscription.bpmnErrors()).containsExactly(Map.entry(404, "NOT_FOUND"), Map.entry(409, "TAKEN"));
            assertThat(subscription.autoComplete()).isFalse();
            assertThat(subscription.outputScope()).isEqualTo(Subscription.OutputScope.LOCAL);
            assertThat(subscription.filter().processDefinitionKeys()).containsExactly("order", "claim");
            assertThat(subscription.filter().tenantIds()).containsExactly("one");
            assertThat(subscription.filter().businessKey()).isEqualTo("B-1");
            assertThat(subscription.filter().processVariables()).hasToString("{region=\"EU\", priority=1}");
            assertThat(subscription.filter().localVariables()).isTrue();
        });
    }

    @Test
    void an_option_that_is_left_out_has_the_default_of_the_documentation() throws Exception {
        route("svc_A", "external-task:svc_A?variables=*");

        assertThat(component.subscriptions().all()).singleElement().satisfies(subscription -> {
            assertThat(subscription.engine()).isEqualTo("default");
            assertThat(subscription.variables()).isEmpty();
            assertThat(subscription.lockDuration()).isEqualTo(Duration.ofSeconds(30));
            assertThat(subscription.maxConcurrent()).isEqualTo(16);
            assertThat(subscription.retries()).isEqualTo(3);
            assertThat(subscription.retryBackoff())
                    .containsExactly(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(5));
            assertThat(subscription.autoComplete()).isTrue();
            assertThat(subscription.outputScope()).isEqualTo(Subscription.OutputScope.PROCESS);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    variables=a&lockDuraton=30s      | unknown option 'lockDuraton'; allowed are autoComplete, bpmnErrors,
                    lockDuration=30s                 | option variables is missing
                    variables=,                      | option variables is missing
                    variables=*,a                    | option variables mixes '*' with names
                    variables=a&lockDuration=soon    | option lockDuration has 'soon'; expected a duration such as 30s
                    variables=a&lockDuration=10ms    | option lockDuration is '10ms'; expected 1s to 24h
                    variables=a&maxConcurrent=0      | option maxConcurrent is '0'; expected a whole number from 1 to 10000
                    variables=a&maxConcurrent=many   | option maxConcurrent is 'many'; expected a whole number
                    variables=a&retries=0            | option retries is '0'; expected a whole number from 1 to 1000
                    variables=a&retryBackoff=,       | option retryBackoff is empty
                    variables=a&bpmnErrors=404       | option bpmnErrors is '404'; expected pairs such as 404=CUSTOMER_NOT_FOUND
                    variables=a&bpmnErrors=200=X     | option bpmnErrors maps '200', which is no gateway status from 400 to 599
                    variables=a&autoComplete=maybe   | option autoComplete is 'maybe'; allowed are true, false
                    variables=a&outputScope=global   | option outputScope is 'global'; allowed are process, local
                    variables=a&outputs=x:Decimal    | option outputs has 'x:Decimal': 'Decimal' is not a type, expected one of String,
                    variables=a&outputs=b&transientOutputs=c | option transientOutputs names 'c', which the route may not write; add it to outputs
                    variables=a&tenantIds=t&withoutTenantId=true | options tenantIds and withoutTenantId exclude each other
                    variables=a&engine=other         | there is no engine named 'other' (configured: default): set etd.engines.other.base-url
                    """)
    void a_wrong_option_says_what_is_wrong_and_what_is_allowed(String options, String message) {
        assertThatThrownBy(() -> route("svc_A", "external-task:svc_A?" + options))
                .hasStackTraceContaining("external-task:svc_A: " + message);
        assertThat(component.subscriptions().all()).isEmpty();
    }

    @Test
    void a_stopped_suspended_or_removed_route_leaves_the_next_fetch_and_a_started_one_comes_back() throws Exception {
        route("svc_A", "external-task:svc_A?variables=*");

        camel.getRouteController().stopRoute("svc_A");
        assertThat(component.subscriptions().all()).isEmpty();
        camel.getRouteController().startRoute("svc_A");
        assertThat(component.subscriptions().all()).hasSize(1);
        camel.getRouteController().suspendRoute("svc_A");
        assertThat(component.subscriptions().all()).isEmpty();
        camel.getRouteController().resumeRoute("svc_A");
        assertThat(component.subscriptions().all()).hasSize(1);
        camel.getRouteController().stopRoute("svc_A");
        camel.removeRoute("svc_A");
        assertThat(component.subscriptions().all()).isEmpty();
        route("svc_A_again", "external-task:svc_A?variables=*");
        assertThat(component.subscriptions().all()).hasSize(1);
    }

    @Test
    void each_topic_is_told_once_when_it_comes_and_once_when_it_goes_also_by_a_pause() throws Exception {
        List<String> told = new ArrayList<>();
        Subscriptions<Subscription> subscriptions = component.subscriptions();
        subscriptions.onAdded(topic -> told.add("+" + topic.topic()));
        subscriptions.onRemoved(topic -> told.add("-" + topic.topic()));
        SubscriptionKey key = new Subscription.Key("default", "svc_A");

        route("svc_A", "external-task:svc_A?variables=*");
        route("svc_B", "external-task:svc_B?variables=*");
        subscriptions.pause(key);
        subscriptions.pause(key);
        camel.getRouteController().stopRoute("svc_A");
        camel.getRouteController().startRoute("svc_A");
        subscriptions.resume(key);
        camel.getRouteController().stopRoute("svc_A");

        assertThat(told).containsExactly("+svc_A", "+svc_B", "-svc_A", "+svc_A", "-svc_A");
    }

    @Test
    void two_routes_for_one_topic_are_an_error_that_names_both() throws Exception {
        route("first", "external-task:svc_A?variables=*");

        assertThatThrownBy(() -> route("second", "external-task:svc_A?variables=*"))
                .hasStackTraceContaining("two routes for one topic of engine 'default': route first and route second");
        assertThat(component.subscriptions().all())
                .singleElement()
                .extracting(Subscription::source)
                .isEqualTo("route first");
    }

    @Test
    void a_task_sent_to_a_topic_runs_through_its_route_in_the_same_exchange() throws Exception {
        route("svc_A", "external-task:svc_A?variables=*");
        try (ProducerTemplate template = camel.createProducerTemplate()) {
            assertThat(template.requestBody("external-task:svc_A?engine=default", "in", String.class))
                    .isEqualTo("in, out");
        }
    }

    @Test
    void a_task_sent_to_a_topic_without_a_route_fails_at_once() throws Exception {
        try (ProducerTemplate template = camel.createProducerTemplate()) {
            Exchange exchange = template.request("external-task:svc_Gone", sent -> {});
            assertThat(exchange.getException())
                    .isInstanceOf(NoSuchSubscriptionException.class)
                    .hasMessageContaining("topic 'svc_Gone' of engine 'default' has no started route");
        }
    }

    @Test
    void a_task_is_sent_to_the_route_of_the_topic_that_its_variables_name() throws Exception {
        route("svc_A", "external-task:svc_A?variables=*");
        route("svc_B", "external-task:svc_B?variables=*");

        assertThat(sentToItsTopic("svc_A").getMessage().getBody()).isEqualTo("svc_A, out");
        assertThat(sentToItsTopic("svc_B").getMessage().getBody()).isEqualTo("svc_B, out");
        assertThat(sentToItsTopic("svc_Gone").getException())
                .isInstanceOf(NoSuchSubscriptionException.class)
                .hasMessageContaining("topic 'svc_Gone' of engine 'default' has no started route");
    }

    @Test
    void a_route_cannot_subscribe_to_whatever_topic_there_is() {
        assertThatThrownBy(() -> route("svc_Any", "external-task:*"))
                .hasStackTraceContaining("external-task:* is no topic: a route has to name one");
    }

    private Exchange sentToItsTopic(String topic) throws Exception {
        try (ProducerTemplate template = camel.createProducerTemplate()) {
            return template.request("external-task:*", task -> {
                task.setVariable("engine", "default");
                task.setVariable("topicName", topic);
                task.getMessage().setBody(topic);
            });
        }
    }

    private void route(String id, String from) throws Exception {
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(from).routeId(id).transform(simple("${body}, out"));
            }
        });
    }

    private static EtdProperties properties() {
        return new Binder(new MapConfigurationPropertySource(
                        Map.of("etd.engines.default.base-url", URI.create("http://localhost:8080/engine-rest"))))
                .bind("etd", EtdProperties.class)
                .get();
    }
}
