package org.externaltask.dispatcher.broker;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.externaltask.dispatcher.trace.TraceParent;
import org.springframework.amqp.core.MessageProperties;

/** The headers that tell which task a message comes from; nothing else of an exchange goes onto the wire. */
final class TaskHeaders {

    static final String MESSAGE_NAME = "etd-message-name";
    static final String TENANT = "etd-tenant-id";
    static final List<String> TRACE = List.of("traceparent", "tracestate");

    private static final Map<String, String> BY_VARIABLE = byVariable();

    /** Every header that is sent, and the only ones that are let in. */
    static final List<String> ALL = Stream.of(BY_VARIABLE.values(), List.of(MESSAGE_NAME, TENANT), TRACE)
            .flatMap(names -> names.stream())
            .toList();

    private TaskHeaders() {}

    static void copy(Exchange exchange, MessageProperties to) {
        BY_VARIABLE.forEach((variable, header) -> set(to, header, exchange.getVariable(variable, String.class)));
        TRACE.forEach(header -> set(to, header, exchange.getMessage().getHeader(header, String.class)));
        set(to, TraceParent.NAME, TraceParent.of(exchange));
    }

    static void set(MessageProperties to, String header, String value) {
        if (value != null && !value.isEmpty()) {
            to.setHeader(header, value);
        }
    }

    private static Map<String, String> byVariable() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("taskId", "etd-task-id");
        headers.put("workerId", "etd-worker-id");
        headers.put("topicName", "etd-topic");
        headers.put("processInstanceId", "etd-process-instance-id");
        headers.put("businessKey", "etd-business-key");
        headers.put("engine", "etd-engine");
        return headers;
    }
}
