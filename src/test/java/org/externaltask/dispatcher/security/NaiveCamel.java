package org.externaltask.dispatcher.security;

import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** Camel as it comes, without anything of the dispatcher, and the naive routes in {@code src/test/resources/security/naive}. */
final class NaiveCamel implements AutoCloseable {

    private static final Path ROUTES = Path.of("src/test/resources/security/naive");

    final CamelContext camel = new DefaultCamelContext();

    NaiveCamel(Map<String, String> properties) {
        Properties known = new Properties();
        known.putAll(properties);
        camel.getPropertiesComponent().setInitialProperties(known);
    }

    /** Starts the route in the file of this name. */
    NaiveCamel with(String route) throws Exception {
        camel.start();
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(
                        camel, "file:" + ROUTES.resolve(route + ".camel.yaml")));
        return this;
    }

    /** Sends to the route; what failed is in the exchange. */
    Exchange send(String route, Object body, Map<String, Object> headers, Map<String, Object> variables)
            throws Exception {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeaders(headers);
        variables.forEach(exchange::setVariable);
        return camel.createProducerTemplate().send("direct:" + route, exchange);
    }

    @Override
    public void close() {
        camel.stop();
    }
}
