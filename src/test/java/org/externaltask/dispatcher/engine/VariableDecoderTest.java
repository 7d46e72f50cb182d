package org.externaltask.dispatcher.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.externaltask.dispatcher.configuration.EtdProperties.JsonFormat;
import org.externaltask.dispatcher.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VariableDecoderTest {

    private final TypedVariables variables = new TypedVariables(JsonFormat.JSON);

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"type":"String","value":"Zoë 😀"}                               | "Zoë 😀"
            {"type":"String","value":""}                                     | ""
            {"type":"String","value":null}                                   | null
            {"type":"Integer","value":-5}                                    | -5
            {"type":"Long","value":9007199254740993}                         | 9007199254740993
            {"type":"Long","value":9223372036854775807}                      | 9223372036854775807
            {"type":"Short","value":-32768}                                  | -32768
            {"type":"Double","value":5.0}                                    | 5.0
            {"type":"Double","value":1.7976931348623157E308}                 | 1.7976931348623157E+308
            {"type":"Boolean","value":false}                                 | false
            {"type":"Null","value":null}                                     | null
            {"type":"Null"}                                                  | null
            {"type":"Date","value":"2026-01-02T03:04:05.678+0100"}           | "2026-01-02T03:04:05.678+01:00"
            {"type":"Date","value":"2026-01-02T03:04:05.000+0000"}           | "2026-01-02T03:04:05.000+00:00"
            {"type":"Date","value":"2026-07-02T03:04:05.678-0330"}           | "2026-07-02T03:04:05.678-03:30"
            {"type":"Date","value":null}                                     | null
            {"type":"Json","value":"{\\"a\\":[0.10,null,{\\"b.c\\":1e400}]}"}| {"a":[0.10,null,{"b.c":1E+400}]}
            {"type":"Json","value":"12345678901234567890.123456789012345678"}| 12345678901234567890.123456789012345678
            {"type":"Json","value":"null"}                                   | null
            {"type":"Json","value":null}                                     | null
            {"type":"Xml","value":"<a>1</a>"}                                | "<a>1</a>"
            {"type":"Bytes","value":null}                                    | null
            {"type":"Object","value":null,"valueInfo":{}}                    | null
            """)
    void a_typed_value_becomes_a_plain_one(String variable, String plain) {
        assertThat(Json.write(decode("x", variable).get("x"))).isEqualTo(plain);
    }

    @Test
    void an_object_in_json_is_opened() {
        ObjectNode plain = decode("order", """
                {"type":"Object","value":"{\\"amount\\":0.10}",
                 "valueInfo":{"objectTypeName":"com.acme.Order","serializationDataFormat":"application/json"}}""");

        assertThat(Json.write(plain)).isEqualTo("{\"order\":{\"amount\":0.10}}");
    }

    @Test
    void a_file_becomes_its_metadata_and_the_place_of_its_content() {
        ObjectNode plain = decode("signed contract.pdf", """
                {"type":"File","value":null,
                 "valueInfo":{"filename":"a.pdf","mimeType":"application/pdf","encoding":"UTF-8"}}""");

        assertThat(plain.get("signed contract.pdf")).isEqualTo(json("""
                        {"type":"File","filename":"a.pdf","mimeType":"application/pdf","encoding":"UTF-8",
                         "href":"/process-instance/e1/variables/signed%20contract.pdf/data"}"""));
    }

    @Test
    void bytes_become_the_place_of_their_content() {
        assertThat(decode("scan", "{\"type\":\"Bytes\",\"value\":\"aGVsbG8=\",\"valueInfo\":{}}")
                        .get("scan"))
                .isEqualTo(json("""
                        {"type":"Bytes","href":"/process-instance/e1/variables/scan/data"}"""));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            a/../b,   a%2F..%2Fb
            a?b#c,    a%3Fb%23c
            %2e,      %252e
            ü[0],     %C3%BC%5B0%5D
            """)
    void a_name_cannot_leave_its_segment_of_the_path(String name, String segment) {
        assertThat(decode(name, "{\"type\":\"File\"}").get(name).get("href").textValue())
                .isEqualTo("/process-instance/e1/variables/" + segment + "/data");
    }

    @ParameterizedTest
    @ValueSource(strings = {".", ".."})
    void a_name_of_dots_alone_has_no_address(String name) {
        assertThat(decode(name, "{\"type\":\"File\"}").get(name).has("href")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"""
                {"type":"Object","value":"rO0ABXNy",
                 "valueInfo":{"objectTypeName":"a.B","serializationDataFormat":"application/x-java-serialized-object"}}""", """
                {"type":"Money","value":{"amount":1},"valueInfo":{"currency":"EUR"}}"""})
    void what_only_the_engine_understands_passes_without_its_value(String variable) {
        JsonNode plain = decode("x", variable).get("x");

        assertThat(plain).isEqualTo(((ObjectNode) json(variable)).without("value"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b", "a[0]", "$.x", "with space", "${x}", "日本"})
    void any_name_is_just_a_name(String name) {
        assertThat(decode(name, "{\"type\":\"Integer\",\"value\":1}").get(name).intValue())
                .isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"type":"Long","value":"s3cret"}                    | a whole number of 64 bits
            {"type":"Long","value":9223372036854775808}         | a whole number of 64 bits
            {"type":"Long","value":1.5}                         | a whole number of 64 bits
            {"type":"Integer","value":2147483648}               | a whole number of 32 bits
            {"type":"Short","value":32768}                      | a whole number of 16 bits
            {"type":"Double","value":"NaN"}                     | a finite number
            {"type":"Double","value":"Infinity"}                | a finite number
            {"type":"Boolean","value":"s3cret"}                 | true or false
            {"type":"String","value":{"s3cret":1}}              | text
            {"type":"Xml","value":1}                            | text
            {"type":"Null","value":"s3cret"}                    | null
            {"type":"Date","value":"s3cret"}                    | a date like
            {"type":"Date","value":"2026-01-02T03:04:05Z"}      | a date like
            {"type":"Date","value":"2026-02-30T00:00:00.000+0000"}  | a date like
            {"type":"Date","value":"10000-01-01T00:00:00.000+0000"} | a date like
            {"type":"Date","value":1767323045678}               | a date like
            {"type":"Json","value":"s3cret"}                    | is not valid JSON at line 1
            {"type":"Json","value":"{} s3cret"}                 | is not valid JSON at line 1
            {"type":"Json","value":""}                          | is empty
            {"type":"Json","value":{"s3cret":1}}                | deserializeValues: false
            """)
    void a_value_that_contradicts_its_type_names_variable_type_and_expectation_but_not_the_value(
            String variable, String expectation) {
        assertThatThrownBy(() -> decode("amount", variable))
                .isInstanceOf(VariableException.class)
                .hasMessageStartingWith("Variable 'amount' of type "
                        + json(variable).get("type").textValue() + " ")
                .hasMessageContaining(expectation)
                .hasMessageNotContaining("s3cret")
                .hasNoCause();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "null", "{\"value\":5}", "{\"type\":null,\"value\":5}"})
    void an_untyped_value_is_refused(String variable) {
        assertThatThrownBy(() -> decode("x", variable))
                .hasMessage("Variable 'x' came from the engine without a type, expected {type, value, valueInfo}.");
    }

    @Test
    void a_name_in_a_message_is_one_short_line() {
        assertThatThrownBy(() -> decode("a\r\nINFO forged" + "x".repeat(500), "5"))
                .message()
                .startsWith("Variable 'a??INFO forgedxxx")
                .hasSizeLessThan(200);
    }

    private ObjectNode decode(String name, String variable) {
        return variables.decode(Json.MAPPER.createObjectNode().set(name, json(variable)), "e1");
    }

    private static JsonNode json(String json) {
        return Json.parse(json);
    }
}
