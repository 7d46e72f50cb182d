package org.externaltask.dispatcher.outcome;

import org.apache.camel.Exchange;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.failure.PermanentFailure;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.springframework.stereotype.Component;

/** Tells the error clauses of the reporting routes what went wrong. */
@Component("reportErrors")
public class ReportErrors {

    /** The same report may be taken in a moment. */
    public boolean isWorthRepeating(Exchange exchange) {
        return cause(exchange) instanceof HttpCallFailed failed
                && EngineAnswer.of(failed).isPassing();
    }

    /** The result itself is at fault, and no repetition will make the engine take it. */
    public boolean isRefusal(Exchange exchange) {
        Throwable cause = cause(exchange);
        return cause instanceof PermanentFailure
                || (cause instanceof HttpCallFailed failed
                        && EngineAnswer.of(failed).isRefusal());
    }

    private static Throwable cause(Exchange exchange) {
        return exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    }
}
