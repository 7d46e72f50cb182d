package org.externaltask.dispatcher.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.externaltask.dispatcher.json.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a mapping in a topic file does to numbers. */
class JqNumbersTest {

    private static final String NUMBERS = """
            {"price":0.10,"id":9007199254740993,"exact":12345678901234567890.123456789012345678,"huge":1E+400}""";

    private final CamelContext camel = new DefaultCamelContext();

    @BeforeEach
    void start() {
        camel.getRegistry().bind("objectMapper", Json.MAPPER);
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".",
                "{ price, id, exact, huge }",
                "{ price: .price, id: (.id + 0), exact: .exact, huge: .huge }",
                "with_entries(.)",
                ". + {}"
            })
    void a_mapping_that_moves_numbers_keeps_their_digits(String mapping) {
        assertThat(Json.write(jq(mapping, Json.parse(NUMBERS)))).isEqualTo(NUMBERS);
    }

    @Test
    void a_body_that_is_still_bytes_keeps_its_digits_when_ours_is_the_only_mapper_in_the_registry() {
        assertThat(Json.write(jq(".", NUMBERS.getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(NUMBERS);
    }

    private JsonNode jq(String mapping, Object body) {
        Exchange exchange = new DefaultExchange(camel);
        exchange.getMessage().setBody(body);
        return camel.resolveLanguage("jq").createExpression(mapping).evaluate(exchange, JsonNode.class);
    }
}
