package org.externaltask.dispatcher.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.context.Scope;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.http.HttpProducer;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.hc.client5.http.classic.methods.HttpUriRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.externaltask.dispatcher.http.HttpCall.Answer;
import org.externaltask.dispatcher.http.HttpPeer.Role;
import org.externaltask.dispatcher.trace.Spans;
import org.externaltask.dispatcher.trace.TraceParent;

/**
 * camel-http's producer with another idea of what an exchange may say: the message gives a JSON body and values for the path,
 * nothing else of it is sent, and of the answer nothing but the JSON body comes back.
 */
class HttpPeerProducer extends HttpProducer {

    private static final ContentType JSON = ContentType.create("application/json");
    private static final Pattern TRACE_PARENT = Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
    private static final Pattern TRACE_STATE = Pattern.compile("[\\x20-\\x7e]{1,512}");
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

    private static final String[] REDELIVERIES = {
        Exchange.REDELIVERY_COUNTER, Exchange.REDELIVERY_MAX_COUNTER, Exchange.REDELIVERED
    };

    private final HttpCall call;
    private final HttpHost host;

    HttpPeerProducer(HttpPeerEndpoint endpoint) {
        super(endpoint);
        this.call = endpoint.call();
        this.host = HttpHost.create(call.peer().baseUrl());
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        try {
            super.process(exchange);
        } catch (IOException | HttpException e) {
            throw HttpCallFailed.withoutAnswer(call, e);
        }
    }

    /** The client's own timeouts are about silence: a peer that drips a byte now and then would hold the thread for ever. */
    @Override
    protected <T> T executeMethod(
            Exchange exchange, HttpHost target, HttpUriRequest request, HttpClientResponseHandler<T> handler)
            throws IOException, HttpException {
        try (Deadline deadline = Deadline.after(call.longest(), request);
                Scope trace = Spans.enter(exchange)) {
            try {
                return super.executeMethod(exchange, target, request, handler);
            } catch (IOException e) {
                if (deadline.isOver()) {
                    throw (IOException) new SocketTimeoutException("The answer took too long").initCause(e);
                }
                throw e;
            }
        }
    }

    @Override
    protected HttpHost createHost(HttpUriRequest request) {
        return host;
    }

    @Override
    protected HttpUriRequest createMethod(Exchange exchange) throws IOException {
        Message message = exchange.getMessage();
        String traceParent = TraceParent.of(exchange);
        String traceState = message.getHeader("tracestate", String.class);
        message.removeHeaders("*", REDELIVERIES); // without its count Camel would repeat a failing call for ever
        exchange.removeProperty(HttpCallFailed.STATUS);

        boolean bodyFillsTemplates = call.peer().role() == Role.GATEWAY && call.hasVariables();
        JsonNode body = call.sendsBody() || bodyFillsTemplates ? body(exchange) : null;

        URI address = uri(exchange, bodyFillsTemplates ? body : null);
        HttpUriRequest request = call.method().createMethod(address);
        request.setHeader(HttpHeaders.ACCEPT, call.answer() == Answer.CONTENT ? "*/*" : JSON.getMimeType());
        Header credentials = call.peer().credentials().header();
        if (credentials != null) {
            request.setHeader(credentials);
        }
        if (call.peer().role() == Role.GATEWAY) {
            if (call.tenantHeader() != null) {
                tenant(exchange)
                        .ifPresent(
                                tenant -> request.setHeader(call.tenantHeader().name(), tenant));
            }
            send(request, "Idempotency-Key", IdempotencyKey.of(exchange, call, address), KEY);
        }
        send(request, "traceparent", traceParent, TRACE_PARENT);
        send(request, "tracestate", traceState, TRACE_STATE);
        if (call.sendsBody() && body != null) {
            request.setEntity(new ByteArrayEntity(JsonBody.bytes(body), JSON));
        }
        return request;
    }

    @Override
    protected void populateResponse(
            Exchange exchange,
            HttpUriRequest request,
            ClassicHttpResponse response,
            HeaderFilterStrategy strategy,
            int status)
            throws IOException {
        exchange.setProperty(HttpCallFailed.STATUS, status);
        HttpAnswer answer = HttpAnswer.read(call, request, response);
        if (status / 100 != 2) {
            throw HttpCallFailed.answered(call, response, answer);
        }
        String topic = topic(exchange);
        exchange.getMessage().setBody(call.answer() == Answer.CONTENT ? answer.content(topic) : answer.json(topic));
    }

    private JsonNode body(Exchange exchange) {
        try {
            return JsonBody.of(exchange.getMessage());
        } catch (IllegalArgumentException e) {
            throw new UnusableRequest(
                    topic(exchange),
                    call,
                    "got a body that " + e.getMessage() + ": make it a JSON object with a jq mapping before the call");
        }
    }

    private Optional<String> tenant(Exchange exchange) {
        try {
            return TenantHeader.valueOf(exchange.getVariable("tenantId", String.class));
        } catch (IllegalArgumentException e) {
            throw new UnusableRequest(topic(exchange), call, "cannot be made: " + e.getMessage());
        }
    }

    private URI uri(Exchange exchange, JsonNode body) {
        Function<String, Object> values =
                name -> body != null && body.has(name) ? body.get(name) : exchange.getVariable(name);
        String address;
        try {
            address = call.path().fill(values)
                    + (call.query() == null ? "" : "?" + call.query().fill(values));
        } catch (NoSuchElementException e) {
            String remedy = call.peer().role() == Role.GATEWAY
                    ? "see that the process has it, and that `variables` of the topic and the jq mapping before the call hand it on"
                    : "set it as an exchange variable before the call";
            throw new UnusableRequest(topic(exchange), call, "cannot be made: " + e.getMessage() + "; " + remedy);
        } catch (IllegalArgumentException e) {
            throw new UnusableRequest(topic(exchange), call, "cannot be made: " + e.getMessage());
        }
        return URI.create(call.peer().baseUrl() + address);
    }

    private static void send(HttpUriRequest request, String header, String value, Pattern allowed) {
        if (value != null && allowed.matcher(value).matches()) {
            request.setHeader(header, value);
        }
    }

    private static String topic(Exchange exchange) {
        return exchange.getVariable("topicName", String.class);
    }
}
