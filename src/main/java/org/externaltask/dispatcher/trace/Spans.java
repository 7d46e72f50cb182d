package org.externaltask.dispatcher.trace;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import org.apache.camel.Exchange;

/**
 * Ties the spans that the OpenTelemetry Java agent records to the trace of the task or message; without the agent nothing happens
 * here. The agent sees calls and threads, but not which exchange they are for.
 */
public final class Spans {

    /** What records spans also knows headers to hand them on in, and is there before anything of ours. */
    private static final boolean RECORDED = !GlobalOpenTelemetry.getPropagators()
            .getTextMapPropagator()
            .fields()
            .isEmpty();

    private static final String PROPERTY = "etdSpan";

    private Spans() {}

    /** Opens the span of a task; what is called for the task from then on is below it. */
    public static void begin(Exchange exchange, String engine, String topic, String taskId) {
        if (!RECORDED) {
            return;
        }
        Span span = GlobalOpenTelemetry.getTracer("external-task-dispatcher")
                .spanBuilder(topic + " process")
                .setParent(context(TraceParent.of(exchange)))
                .setSpanKind(SpanKind.CONSUMER)
                .setAttribute("etd.engine", engine)
                .setAttribute("etd.topic", topic)
                .setAttribute("etd.task.id", taskId)
                .startSpan();
        exchange.setProperty(PROPERTY, span);
        SpanContext its = span.getSpanContext();
        if (its.isValid()) {
            TraceParent.set(
                    exchange,
                    "00-" + its.getTraceId() + "-" + its.getSpanId() + "-"
                            + its.getTraceFlags().asHex());
        }
    }

    public static void end(Exchange exchange) {
        if (RECORDED && exchange.getProperty(PROPERTY) instanceof Span span) {
            span.end();
        }
    }

    /** Until the scope is closed, what this thread calls is for the exchange. */
    @SuppressWarnings("MustBeClosedChecker") // by the caller
    public static Scope enter(Exchange exchange) {
        if (!RECORDED) {
            return Scope.noop();
        }
        Context context = context(TraceParent.of(exchange));
        boolean within = Span.current()
                .getSpanContext()
                .getTraceId()
                .equals(Span.fromContext(context).getSpanContext().getTraceId()); // as while a message is received
        return within ? Scope.noop() : context.makeCurrent();
    }

    /** @param traceParent null, or as it stands in the header */
    private static Context context(String traceParent) {
        if (traceParent == null) {
            return Context.current();
        }
        String[] parts = traceParent.split("-", -1);
        return Context.root()
                .with(Span.wrap(SpanContext.createFromRemoteParent(
                        parts[1], parts[2], TraceFlags.fromHex(parts[3], 0), TraceState.getDefault())));
    }
}
