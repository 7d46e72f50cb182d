package org.externaltask.dispatcher.http;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.service.ServiceHelper;
import org.externaltask.dispatcher.configuration.Unconfigured;

/**
 * The same call to whichever engine an exchange is about. {@code toD} would do it too, but looks the endpoint up by its address each
 * time, which is a twentieth of what a task costs.
 */
class EngineOfExchangeEndpoint extends DefaultEndpoint {

    private final Map<String, Endpoint> engines;

    /** @param engines the call to each engine, by the engine's name */
    EngineOfExchangeEndpoint(String uri, Component component, Map<String, Endpoint> engines) {
        super(uri, component);
        this.engines = Map.copyOf(engines);
    }

    @Override
    public Producer createProducer() throws Exception {
        Map<String, Producer> producers = new HashMap<>();
        for (Map.Entry<String, Endpoint> engine : engines.entrySet()) {
            producers.put(engine.getKey(), engine.getValue().createProducer());
        }
        return new EngineOfExchangeProducer(this, Map.copyOf(producers));
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("engine: can only be sent to");
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ServiceHelper.startService(engines.values());
    }

    @Override
    protected void doStop() throws Exception {
        ServiceHelper.stopService(engines.values());
        super.doStop();
    }

    private static final class EngineOfExchangeProducer extends DefaultProducer {

        private final Map<String, Producer> engines;

        EngineOfExchangeProducer(Endpoint endpoint, Map<String, Producer> engines) {
            super(endpoint);
            this.engines = engines;
        }

        @Override
        public void process(Exchange exchange) throws Exception {
            String name = exchange.getVariable("engine", String.class);
            if (name == null) {
                throw new IllegalArgumentException("no engine is named by the exchange variable engine");
            }
            Producer engine = engines.get(name);
            if (engine == null) {
                throw Unconfigured.engine(name, engines.keySet());
            }
            engine.process(exchange);
        }

        @Override
        protected void doStart() throws Exception {
            super.doStart();
            ServiceHelper.startService(engines.values());
        }

        @Override
        protected void doStop() throws Exception {
            ServiceHelper.stopService(engines.values());
            super.doStop();
        }
    }
}
