package org.externaltask.dispatcher.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import org.externaltask.dispatcher.configuration.EtdProperties.JsonFormat;
import org.externaltask.dispatcher.json.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Round trips: what a route writes is what the next route reads. */
class TypedVariablesTest {

    private static final String ANYTHING = """
            {"text":"Zoë 😀 \\"quoted\\"","price":0.1,"id":9007199254740993,"max":9223372036854775807,\
            "exact":12345678901234567890.123456789012345678,"beyond":1E+400,"bigger":9223372036854775808,"no":null,\
            "a.b[0]":true,"with space":{"deep":[0.10,{"er":[[]]},"2026-01-02T03:04:05.678+01:00"]}}""";

    @ParameterizedTest
    @EnumSource(
            value = JsonFormat.class,
            names = {"JSON", "OBJECT"})
    void what_is_written_is_read_back_digit_by_digit(JsonFormat format) throws IOException {
        TypedVariables variables = new TypedVariables(format);

        ObjectNode written = variables.encode(Json.parse(ANYTHING));

        assertThat(Json.write(variables.decode(overTheWire(written), "e1"))).isEqualTo(ANYTHING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                """
                {"type":"Date","value":"2026-01-02T03:04:05.678+0100"}""",
                """
                {"type":"Date","value":"2026-01-02T03:04:05.678+0000"}""",
                """
                {"type":"Date","value":"2026-01-02T03:04:05.000-0930"}""",
                """
                {"type":"Short","value":7}""",
                """
                {"type":"Long","value":7}""",
                """
                {"type":"Double","value":5.0}""",
                """
                {"type":"Json","value":"[0.10]"}""",
                """
                {"type":"Json","value":"\\"text\\""}""",
                """
                {"type":"Xml","value":"<a/>"}""",
                """
                {"type":"String","value":"2026-01-02T03:04:05.678+01:00"}""",
                """
                {"type":"Object","value":"[1]",\
                "valueInfo":{"objectTypeName":"java.util.HashSet","serializationDataFormat":"application/json"}}""",
            })
    void a_variable_that_a_route_hands_through_stays_as_it_was(String fetched) {
        TypedVariables variables = new TypedVariables(JsonFormat.JSON);
        ObjectNode engineVariables = Json.MAPPER.createObjectNode().set("x", Json.parse(fetched));

        ObjectNode written = variables.encode(variables.decode(engineVariables, "e1"), Map.of(), engineVariables);

        assertThat(Json.write(written.get("x"))).isEqualTo(fetched);
    }

    private static JsonNode overTheWire(JsonNode json) throws IOException {
        return Json.parse(Json.MAPPER.writeValueAsBytes(json));
    }
}
