package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.stereotype.Component;

/**
 * Makes the request that correlates a message ({@code POST /message} of the engine's REST reference) of the body and of what the
 * kamelet {@code correlate-message} has put into exchange properties.
 */
@Component("correlationRequest")
class CorrelationRequest implements Processor {

    /** What tells one waiting instance from another; without any of it, a message goes to whichever waits. */
    private static final List<String> IDENTIFYING =
            List.of("businessKey", "processInstanceId", "correlationKeys", "localCorrelationKeys");

    private final EngineVariables variables;

    CorrelationRequest(EngineVariables variables) {
        this.variables = variables;
    }

    @Override
    public void process(Exchange exchange) {
        String messageName = String.valueOf(exchange.getProperty("etdMessageName"));
        KameletParameters parameters =
                new KameletParameters(exchange, problem -> new CorrelationException(messageName, problem));
        JsonNode body = parameters.body();
        TypedVariables codec = variables.of(parameters.text("etdEngine"));
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("messageName", messageName);
        putIfPresent(request, "businessKey", parameters.text("etdBusinessKey"));
        putIfPresent(request, "processInstanceId", parameters.text("etdProcessInstanceId"));
        putTenant(request, exchange, parameters, messageName);
        List<String> keys = parameters.names("etdCorrelationKeys");
        if (!keys.isEmpty()) {
            request.set("correlationKeys", codec.encode(parameters.fields(keys)));
        }
        List<String> localKeys = parameters.names("etdLocalCorrelationKeys");
        if (!localKeys.isEmpty()) {
            request.set("localCorrelationKeys", codec.encode(parameters.fields(localKeys)));
        }
        boolean all = exchange.getProperty("etdAll", false, Boolean.class);
        if (!all && IDENTIFYING.stream().noneMatch(request::has)) {
            throw new CorrelationException(
                    messageName,
                    "it has neither business key nor process instance id nor correlation keys, so it would match whatever instance"
                            + " waits for a message of this name; send one of them, or correct the kamelet's parameters");
        }
        List<String> written = parameters.names("etdVariables");
        List<String> local = parameters.names("etdLocalVariables");
        List<String> ofScope = parameters.names("etdTriggeredScopeVariables");
        boolean isAll = written.isEmpty() && local.isEmpty() && ofScope.isEmpty();
        putIfAny(request, "processVariables", codec.encode(isAll ? body : parameters.fields(written)));
        putIfAny(request, "processVariablesLocal", codec.encode(parameters.fields(local)));
        putIfAny(request, "processVariablesToTriggeredScope", codec.encode(parameters.fields(ofScope)));
        request.put("all", all);
        request.put("resultEnabled", true); // or a message to all of nobody would look like a success
        exchange.getMessage().setBody(request);
    }

    /** A message without the tenant that its route asks for must not reach the instances of whatever tenant waits. */
    private static void putTenant(
            ObjectNode request, Exchange exchange, KameletParameters parameters, String messageName) {
        String tenant = parameters.text("etdTenantId");
        boolean without = exchange.getProperty("etdWithoutTenantId", false, Boolean.class);
        if (tenant != null && without) {
            throw new CorrelationException(
                    messageName, "it has a tenant, and withoutTenantId is true; leave out one of the two parameters");
        }
        putIfPresent(request, "tenantId", tenant);
        // An instance that is named by its id has the tenant it has, and the engine takes no tenant beside the id.
        boolean missing = parameters.text("etdTenantStated") != null && !request.has("processInstanceId");
        if (tenant == null && (without || missing)) {
            request.put("withoutTenantId", true);
        }
    }

    private static void putIfAny(ObjectNode request, String field, ObjectNode variables) {
        if (!variables.isEmpty()) {
            request.set(field, variables);
        }
    }

    private static void putIfPresent(ObjectNode request, String field, String value) {
        if (value != null) {
            request.put(field, value);
        }
    }
}
