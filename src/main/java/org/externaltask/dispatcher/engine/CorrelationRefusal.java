package org.externaltask.dispatcher.engine;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.externaltask.dispatcher.http.UnusableAnswer;
import org.springframework.stereotype.Component;

/**
 * Says why the engine did not take a message. It answers 400 with a text for all of it; the texts are those of 7.24 and of
 * Operaton 1.0. When nobody waits in an instance that the message names, the route goes on and looks what has become of it.
 */
@Component("correlationRefusal")
class CorrelationRefusal implements Processor {

    /** Variable with the id of the instance to look at. */
    static final String INSTANCE = "etdCorrelatedInstance";

    private static final String UNANSWERED = "etdCorrelationUnanswered";

    @Override
    public void process(Exchange exchange) {
        if (exchange.getProperty(Exchange.EXCEPTION_CAUGHT) instanceof UnusableAnswer unusable) {
            exchange.setProperty(UNANSWERED, true);
            throw new NoUsableAnswer(exchange.getProperty("etdEngine", String.class), unusable);
        }
        HttpCallFailed failed = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, HttpCallFailed.class);
        String messageName = String.valueOf(exchange.getProperty("etdMessageName"));
        String said = failed.json().map(body -> body.path("message").asText("")).orElse("");
        EngineAnswer answer = EngineAnswer.of(failed);
        if (answer == EngineAnswer.UNREACHABLE && failed.wasSent()) {
            exchange.setProperty(UNANSWERED, true);
        }
        if (answer != EngineAnswer.BAD_REQUEST) {
            throw failed;
        }
        if (said.contains("No process definition or execution matches the parameters")) {
            String instance = new KameletParameters(exchange, problem -> new CorrelationException(messageName, problem))
                    .text("etdProcessInstanceId");
            if (instance == null) {
                throw new NobodyWaits(messageName, isAfterUnanswered(exchange));
            }
            exchange.setVariable(INSTANCE, instance);
            return;
        }
        if (said.contains("executions match the correlation keys")) {
            throw new SeveralWait(messageName);
        }
        throw new CorrelationException(messageName, "the engine answered " + failed.status() + ": " + said);
    }

    /** Whether an earlier try of the same exchange was sent and not answered. */
    static boolean isAfterUnanswered(Exchange exchange) {
        return exchange.getProperty(UNANSWERED, false, Boolean.class);
    }
}
