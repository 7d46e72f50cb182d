package org.externaltask.dispatcher.operations.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;

/**
 * Lets the body of an action have numbers and lists. The actuator reads it as texts alone, and makes of them what the operation wants:
 * a number of its digits, a list of what commas separate.
 */
@ControllerAdvice
class ActionBody extends RequestBodyAdviceAdapter {

    private static final String ACTUATOR = "org.springframework.boot.actuate.endpoint.web.servlet";

    private final ObjectMapper mapper;

    ActionBody(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    @Override
    public boolean supports(MethodParameter parameter, Type type, Class<? extends HttpMessageConverter<?>> converter) {
        return parameter.getContainingClass().getName().startsWith(ACTUATOR);
    }

    @Override
    public HttpInputMessage beforeBodyRead(
            HttpInputMessage message,
            MethodParameter parameter,
            Type type,
            Class<? extends HttpMessageConverter<?>> converter)
            throws IOException {
        byte[] body = message.getBody().readAllBytes();
        return new Texts(message.getHeaders(), asTexts(body));
    }

    /** What is no object, or holds what has no text, stays as it is: the actuator refuses it. */
    private byte[] asTexts(byte[] body) throws IOException {
        JsonNode json;
        try {
            json = mapper.readTree(body);
        } catch (IOException e) {
            return body;
        }
        if (!(json instanceof ObjectNode fields)) {
            return body;
        }
        ObjectNode texts = mapper.createObjectNode();
        fields.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (value.isArray()
                    && StreamSupport.stream(value.spliterator(), false).allMatch(JsonNode::isValueNode)) {
                texts.put(
                        field.getKey(),
                        StreamSupport.stream(value.spliterator(), false)
                                .map(JsonNode::asText)
                                .collect(Collectors.joining(",")));
            } else if (value.isNumber() || value.isBoolean()) {
                texts.put(field.getKey(), value.asText());
            } else if (!value.isNull()) {
                texts.set(field.getKey(), value);
            }
        });
        return mapper.writeValueAsBytes(texts);
    }

    /** The body as the actuator reads it. */
    private record Texts(HttpHeaders headers, byte[] body) implements HttpInputMessage {

        @Override
        public InputStream getBody() {
            return new ByteArrayInputStream(body);
        }

        @Override
        public HttpHeaders getHeaders() {
            return headers;
        }
    }
}
