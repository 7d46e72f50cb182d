package org.externaltask.dispatcher.engine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.stereotype.Component;

/**
 * Makes the request that throws a signal ({@code POST /signal} of the engine's REST reference) of the body and of what the kamelet
 * {@code throw-signal} has put into exchange properties.
 */
@Component("signalRequest")
class SignalRequest implements Processor {

    private final EngineVariables variables;

    SignalRequest(EngineVariables variables) {
        this.variables = variables;
    }

    @Override
    public void process(Exchange exchange) {
        KameletParameters parameters = new KameletParameters(exchange, SignalImpossible::new);
        ObjectNode request = JsonNodeFactory.instance.objectNode().put("name", parameters.text("etdSignalName"));
        String execution = parameters.text("etdExecutionId");
        if (execution != null) {
            request.put("executionId", execution);
        } else if (parameters.text("etdExecutionStated") != null) {
            throw new SignalImpossible(
                    "its executionId has no value, and without one everybody would get it; send it, or leave the parameter out");
        }
        String tenant = parameters.text("etdTenantId");
        boolean without = exchange.getProperty("etdWithoutTenantId", false, Boolean.class);
        if (tenant != null && without) {
            throw new SignalImpossible(
                    "it has a tenant, and withoutTenantId is true; leave out one of the two parameters");
        }
        if (tenant != null) {
            request.put("tenantId", tenant);
        } else if (without || parameters.text("etdTenantStated") != null) {
            request.put("withoutTenantId", true); // a tenant that is asked for and missing must not become every tenant
        }
        List<String> names = parameters.names("etdVariables");
        ObjectNode written = variables
                .of(parameters.text("etdEngine"))
                .encode(names.isEmpty() ? parameters.body() : parameters.fields(names));
        if (!written.isEmpty()) {
            request.set("variables", written);
        }
        exchange.getMessage().setBody(request);
    }
}
