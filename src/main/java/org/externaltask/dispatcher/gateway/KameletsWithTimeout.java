package org.externaltask.dispatcher.gateway;

import static org.springframework.beans.factory.config.ConfigurableBeanFactory.SCOPE_PROTOTYPE;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.springframework.context.annotation.Scope;
import org.springframework.stereotype.Component;

/**
 * Camel's component {@code kamelet:}, but a parameter {@code timeout} reaches the kamelet. Camel has an endpoint option of this
 * name (how long to wait for a kamelet that is not started) and would keep it for itself, without a word.
 */
@Component("kamelet")
@Scope(SCOPE_PROTOTYPE)
public class KameletsWithTimeout extends KameletComponent {

    private static final String TIMEOUT = "timeout";

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        Object timeout = parameters.remove(TIMEOUT);
        KameletEndpoint endpoint = (KameletEndpoint) super.createEndpoint(uri, remaining, parameters);
        if (timeout != null) {
            Map<String, Object> properties = new HashMap<>(endpoint.getKameletProperties());
            properties.put(TIMEOUT, timeout);
            endpoint.setKameletProperties(properties);
        }
        return endpoint;
    }
}
