package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Makes the requests that look for a process instance ({@code POST /process-instance}, {@code POST /history/process-instance}) and
 * start one ({@code POST /process-definition/…/start}, {@code POST /message} of the engine's REST reference) of the body and of what
 * the kamelet {@code start-process} has put into exchange properties, and reads their answers.
 */
@Configuration(proxyBeanMethods = false)
class ProcessStart {

    private static final String STARTED = "startedProcessInstanceId";
    private static final String INPUT = "etdStartVariables";

    private final EngineVariables variables;

    ProcessStart(EngineVariables variables) {
        this.variables = variables;
    }

    /** Keeps the variables, because the questions before the start need the body, and decides how to start. */
    @Bean
    Processor processToStart() {
        return exchange -> {
            KameletParameters parameters = parameters(exchange);
            String key = parameters.text("etdProcessDefinitionKey");
            String message = parameters.text("etdMessageName");
            String tag = parameters.text("etdVersionTag");
            String tenant = parameters.text("etdTenantId");
            if (key == null && message == null) {
                throw new StartImpossible("give the kamelet start-process a processDefinitionKey or a messageName");
            }
            if (message != null && tag != null) {
                throw new StartImpossible("a message starts the latest version; leave out versionTag or messageName");
            }
            if (exchange.getProperty("etdIfNotRunning", Boolean.class)) {
                requireForSearch(parameters.text("etdBusinessKey"), "businessKey");
                requireForSearch(key, "processDefinitionKey");
            }
            List<String> written = parameters.names("etdVariables");
            exchange.setProperty(
                    INPUT,
                    variables
                            .of(parameters.text("etdEngine"))
                            .encode(written.isEmpty() ? parameters.body() : parameters.fields(written)));
            exchange.setProperty(
                    "etdStart",
                    message != null ? "message" : tag != null ? "versionTag" : tenant != null ? "tenant" : "key");
            exchange.setVariable("etdKey", key);
            exchange.setVariable("etdVersionTag", tag);
            exchange.setVariable("etdTenant", tenant);
            exchange.removeVariable(STARTED);
        };
    }

    @Bean
    Processor runningInstances() {
        return exchange -> {
            KameletParameters parameters = parameters(exchange);
            exchange.getMessage().setBody(instances(parameters).put("businessKey", parameters.text("etdBusinessKey")));
        };
    }

    @Bean
    Processor endedInstances() {
        return exchange -> {
            KameletParameters parameters = parameters(exchange);
            exchange.getMessage()
                    .setBody(
                            instances(parameters).put("processInstanceBusinessKey", parameters.text("etdBusinessKey")));
        };
    }

    /** An instance that somebody deleted is none that was asked for: it has done nothing, or not all. */
    @Bean
    Processor instanceFound() {
        return exchange -> {
            for (JsonNode instance : answer(exchange)) {
                if (!instance.path("state").asText().equals("EXTERNALLY_TERMINATED")) {
                    exchange.setVariable(STARTED, instance.path("id").asText());
                    return;
                }
            }
        };
    }

    @Bean
    Processor taggedDefinition() {
        return exchange -> {
            String tenant = parameters(exchange).text("etdTenantId");
            for (JsonNode definition : answer(exchange)) {
                if (definition.path("tenantId").asText(null) == null
                        ? tenant == null
                        : definition.path("tenantId").asText().equals(tenant)) {
                    exchange.setVariable("etdDefinition", definition.path("id").asText());
                    return;
                }
            }
            throw nothingToStart(exchange);
        };
    }

    @Bean
    Processor startRequest() {
        return exchange -> {
            KameletParameters parameters = parameters(exchange);
            ObjectNode request = JsonNodeFactory.instance.objectNode();
            String businessKey = parameters.text("etdBusinessKey");
            if (businessKey != null) {
                request.put("businessKey", businessKey);
            }
            boolean byMessage = "message".equals(exchange.getProperty("etdStart"));
            request.set(byMessage ? "processVariables" : "variables", exchange.getProperty(INPUT, ObjectNode.class));
            if (byMessage) {
                request.put("messageName", parameters.text("etdMessageName")).put("resultEnabled", true);
                // The engine prefers an instance that waits for the message to one that it starts, unless its variables
                // do not fit; those of a start event are not looked at.
                request.putObject("correlationKeys")
                        .putObject("etdNobodyHasThis")
                        .put("type", "String")
                        .put("value", UUID.randomUUID().toString());
                String tenant = parameters.text("etdTenantId");
                if (tenant == null) {
                    request.put("withoutTenantId", true);
                } else {
                    request.put("tenantId", tenant);
                }
            }
            exchange.getMessage().setBody(request);
        };
    }

    @Bean
    Processor startRefusal() {
        return exchange -> {
            HttpCallFailed failed = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, HttpCallFailed.class);
            String said =
                    failed.json().map(body -> body.path("message").asText("")).orElse("");
            EngineAnswer answer = EngineAnswer.of(failed);
            if (answer == EngineAnswer.GONE || said.contains("No process definition or execution matches")) {
                throw nothingToStart(exchange);
            }
            if (answer == EngineAnswer.BAD_REQUEST) {
                throw new StartImpossible("the engine answered " + failed.status() + ": " + said);
            }
            throw failed;
        };
    }

    @Bean
    Processor processStarted() {
        return exchange -> {
            JsonNode answer = answer(exchange);
            JsonNode instance = answer.isArray() ? answer.path(0).path("processInstance") : answer;
            exchange.setVariable(STARTED, instance.path("id").asText());
        };
    }

    /** The fields that the questions for running and for ended instances have in common. */
    private static ObjectNode instances(KameletParameters parameters) {
        ObjectNode question = JsonNodeFactory.instance
                .objectNode()
                .put("processDefinitionKey", parameters.text("etdProcessDefinitionKey"));
        String tenant = parameters.text("etdTenantId");
        if (tenant == null) {
            return question.put("withoutTenantId", true);
        }
        question.putArray("tenantIdIn").add(tenant);
        return question;
    }

    private static JsonNode answer(Exchange exchange) {
        JsonNode answer = exchange.getMessage().getBody(JsonNode.class);
        return answer == null ? JsonNodeFactory.instance.arrayNode() : answer;
    }

    private static StartImpossible nothingToStart(Exchange exchange) {
        KameletParameters parameters = parameters(exchange);
        String message = parameters.text("etdMessageName");
        String tag = parameters.text("etdVersionTag");
        String tenant = parameters.text("etdTenantId");
        String what = message != null
                ? "no process starts with message '" + message + "'"
                : "there is no process definition '" + parameters.text("etdProcessDefinitionKey") + "'"
                        + (tag == null ? "" : " with version tag '" + tag + "'");
        return new StartImpossible(what + (tenant == null ? "" : " for the tenant") + " on engine "
                + parameters.text("etdEngine") + "; deploy it, or correct the kamelet's parameters");
    }

    private static void requireForSearch(String value, String parameter) {
        if (value == null) {
            throw new StartImpossible("it has no " + parameter
                    + " to look for an earlier instance with; give it, or say ifNotRunning: false");
        }
    }

    private static KameletParameters parameters(Exchange exchange) {
        return new KameletParameters(exchange, StartImpossible::new);
    }
}
