package org.externaltask.dispatcher.broker;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Locale;
import org.externaltask.dispatcher.json.Json;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.support.converter.MessageConverter;

/** Reads the body of a received message as a JSON object, whatever its content type and encoding claim to be. */
final class ReceivedBody implements MessageConverter {

    private final int maxBytes;

    ReceivedBody(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Override
    public JsonNode fromMessage(Message message) {
        if (message.getBody().length > maxBytes) {
            throw new UnreadableMessage(
                    "the body has " + message.getBody().length + " bytes, more than the " + maxBytes
                            + " that a route gets; send less, or raise etd.broker.max-message-bytes",
                    null);
        }
        JsonNode body = parse(message.getBody());
        if (body.isMissingNode()) {
            throw new UnreadableMessage("the body is empty; expected a JSON object", null);
        }
        if (!body.isObject()) {
            throw new UnreadableMessage(
                    "the body is a JSON " + body.getNodeType().name().toLowerCase(Locale.ROOT)
                            + "; expected a JSON object",
                    null);
        }
        return body;
    }

    private static JsonNode parse(byte[] body) {
        try {
            return Json.MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new UnreadableMessage("the body is not JSON" + where(e.getLocation()), e);
        } catch (IOException e) {
            throw new UnreadableMessage("the body is not JSON: it is not text in UTF-8, UTF-16 or UTF-32", e);
        }
    }

    private static String where(JsonLocation location) {
        return location == null ? "" : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
    }

    @Override
    public Message toMessage(Object body, MessageProperties properties) {
        throw new UnsupportedOperationException(
                "spring-rabbitmq: only receives here; to send use kamelet:publish-message, which waits for the broker's confirm");
    }
}
