package org.externaltask.dispatcher.outcome;

import org.apache.camel.Exchange;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.engine.VariableException;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.springframework.stereotype.Component;

/** Tells the error clauses of the reporting routes what went wrong. */
@Component("reportErrors")
public class ReportErrors {

    /** The same report may be taken in a moment. */
    public boolean isWorthRepeating(Exchange exchange) {
        HttpCallFailed failed = exchange.getException(HttpCallFailed.class);
        return failed != null && EngineAnswer.of(failed).isPassing();
    }

    /** The result itself is at fault, and no repetition will make the engine take it. */
    public boolean isRefusal(Exchange exchange) {
        HttpCallFailed failed = exchange.getException(HttpCallFailed.class);
        return failed != null
                ? EngineAnswer.of(failed).isRefusal()
                : exchange.getException(VariableException.class) != null
                        || exchange.getException(UnusableBody.class) != null;
    }
}
