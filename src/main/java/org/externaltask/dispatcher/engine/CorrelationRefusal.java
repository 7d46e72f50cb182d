package org.externaltask.dispatcher.engine;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.springframework.stereotype.Component;

/**
 * Says why the engine did not take a message. It answers 400 with a text for all of it; the texts are those of 7.24 and of
 * Operaton 1.0.
 */
@Component("correlationRefusal")
class CorrelationRefusal implements Processor {

    @Override
    public void process(Exchange exchange) {
        HttpCallFailed failed = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, HttpCallFailed.class);
        String messageName = String.valueOf(exchange.getProperty("etdMessageName"));
        String said = failed.json().map(body -> body.path("message").asText("")).orElse("");
        if (EngineAnswer.of(failed) != EngineAnswer.BAD_REQUEST) {
            throw failed;
        }
        if (said.contains("No process definition or execution matches the parameters")) {
            throw new NobodyWaits(messageName);
        }
        if (said.contains("executions match the correlation keys")) {
            throw new SeveralWait(messageName);
        }
        throw new CorrelationException(messageName, "the engine answered " + failed.status() + ": " + said);
    }
}
