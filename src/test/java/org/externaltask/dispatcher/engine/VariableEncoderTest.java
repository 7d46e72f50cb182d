package org.externaltask.dispatcher.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;
import org.externaltask.dispatcher.configuration.EtdProperties.JsonFormat;
import org.externaltask.dispatcher.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VariableEncoderTest {

    private static final String EXACT = "12345678901234567890.123456789012345678";

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "Zoë 😀"              | String  | "Zoë 😀"
            ""                    | String  | ""
            "2026-01-02T03:04:05Z"| String  | "2026-01-02T03:04:05Z"
            5                     | Integer | 5
            2147483647            | Integer | 2147483647
            2147483648            | Long    | 2147483648
            9007199254740993      | Long    | 9007199254740993
            9223372036854775807   | Long    | 9223372036854775807
            -9223372036854775808  | Long    | -9223372036854775808
            9223372036854775808   | Json    | "9223372036854775808"
            5.0                   | Double  | 5.0
            0.10                  | Double  | 0.1
            0.1                   | Double  | 0.1
            1e3                   | Double  | 1000.0
            1e308                 | Double  | 1.0E308
            1e400                 | Json    | "1E+400"
            1e-400                | Json    | "1E-400"
            1e999999999           | Json    | "1E+999999999"
            100000000000000000.10 | Json    | "100000000000000000.10"
            true                  | Boolean | true
            null                  | Null    | null
            {"a":[0.10,null]}     | Json    | "{\\"a\\":[0.10,null]}"
            []                    | Json    | "[]"
            """)
    void a_plain_value_gets_the_type_that_it_looks_like(String plain, String type, String value) {
        assertThat(encode(JsonFormat.JSON, plain)).hasToString("{\"type\":\"" + type + "\",\"value\":" + value + "}");
    }

    @ParameterizedTest(name = "{0} is a {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":0.10}              | java.util.LinkedHashMap
            [1,2]                   | java.util.ArrayList
            9223372036854775808     | java.math.BigInteger
            100000000000000000.10   | java.math.BigDecimal
            """)
    void in_object_format_what_no_simple_type_holds_is_an_object_in_json(String plain, String javaType) {
        ObjectNode variable = encode(JsonFormat.OBJECT, plain);

        assertThat(variable.get("type").textValue()).isEqualTo("Object");
        assertThat(variable.get("value").textValue()).isEqualTo(plain);
        assertThat(variable.get("valueInfo"))
                .isEqualTo(Json.parse(
                        "{\"objectTypeName\":\"" + javaType + "\",\"serializationDataFormat\":\"application/json\"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":0.10}", "[1,2]", "9223372036854775808", EXACT})
    void in_string_format_what_no_simple_type_holds_is_its_json_text(String plain) {
        ObjectNode variable = encode(JsonFormat.STRING, plain);

        assertThat(variable.get("type").textValue()).isEqualTo("String");
        assertThat(variable.get("value").textValue()).isEqualTo(plain);
    }

    @ParameterizedTest
    @EnumSource(JsonFormat.class)
    void text_of_4000_characters_is_a_string(JsonFormat format) {
        assertThat(encode(format, text(4000)).get("type").textValue()).isEqualTo("String");
    }

    @Test
    void text_of_4001_characters_takes_another_type() {
        ObjectNode asJson = encode(JsonFormat.JSON, text(4001));
        ObjectNode asObject = encode(JsonFormat.OBJECT, text(4001));

        assertThat(asJson.get("type").textValue()).isEqualTo("Json");
        assertThat(asJson.get("value").textValue()).isEqualTo(text(4001));
        assertThat(asObject.get("type").textValue()).isEqualTo("Object");
        assertThat(asObject.get("value").textValue()).isEqualTo(text(4001));
        assertThat(asObject.at("/valueInfo/objectTypeName").textValue()).isEqualTo("java.lang.String");
    }

    @Test
    void an_emoji_counts_as_the_two_characters_that_a_database_may_count() {
        assertThat(encode(JsonFormat.JSON, "\"" + "😀".repeat(2000) + "\"")
                        .get("type")
                        .textValue())
                .isEqualTo("String");
        assertThat(encode(JsonFormat.JSON, "\"" + "😀".repeat(2001) + "\"")
                        .get("type")
                        .textValue())
                .isEqualTo("Json");
    }

    @Test
    void text_that_string_format_cannot_hold_is_refused_with_its_size() {
        assertThatThrownBy(() -> encode(JsonFormat.STRING, text(4001)))
                .isInstanceOf(VariableException.class)
                .hasMessage("Variable 'x' has 4001 characters as text, and the engine takes 4000 in a String:"
                        + " write less, or set json-format of the engine to JSON or OBJECT.");
    }

    @ParameterizedTest(name = "{0} as {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "a"                              | String  | "a"
            42                               | String  | "42"
            0.10                             | String  | "0.10"
            true                             | String  | "true"
            5                                | Integer | 5
            5.0                              | Integer | 5
            5                                | Long    | 5
            5.00                             | Long    | 5
            9223372036854775807              | Long    | 9223372036854775807
            -32768                           | Short   | -32768
            5                                | Double  | 5.0
            0.10                             | Double  | 0.1
            false                            | Boolean | false
            "2026-01-02T03:04:05.678+01:00"  | Date    | "2026-01-02T03:04:05.678+0100"
            "2026-01-02T03:04:05.678Z"       | Date    | "2026-01-02T03:04:05.678+0000"
            "2026-01-02T03:04:05Z"           | Date    | "2026-01-02T03:04:05.000+0000"
            "2026-01-02T03:04-03:30"         | Date    | "2026-01-02T03:04:00.000-0330"
            "2026-01-02T03:04:05.678901+14"  | Date    | "2026-01-02T03:04:05.678+1400"
            "2026-01-02T03:04:05.678+0545"   | Date    | "2026-01-02T03:04:05.678+0545"
            "<a>1</a>"                       | Xml     | "<a>1</a>"
            "a"                              | Json    | "\\"a\\""
            5                                | Json    | "5"
            "aGVsbG8="                       | Bytes   | "aGVsbG8="
            "aGVsbG8"                        | Bytes   | "aGVsbG8="
            {"content":"aGVsbG8="}           | Bytes   | "aGVsbG8="
            {"filename":"a","content":"aGk="} | File   | "aGk="
            null                             | Date    | null
            """)
    void a_declared_type_is_what_the_engine_gets(String plain, String type, String value) {
        ObjectNode variable = declared(plain, type);

        assertThat(variable.get("value")).hasToString(value);
        assertThat(variable.get("type").textValue()).isEqualTo(plain.equals("null") ? "Null" : type);
    }

    @ParameterizedTest(name = "{0} as {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"s3cret":1}                      | String  | text
            "s3cret"                          | Integer | a whole number from -2147483648
            2147483648                        | Integer | a whole number from -2147483648
            5.5                               | Integer | a whole number from -2147483648
            "42"                              | Long    | a whole number from -9223372036854775808
            9223372036854775808               | Long    | a whole number from -9223372036854775808
            1e999999999                       | Long    | a whole number from -9223372036854775808
            1e-999999999                      | Long    | a whole number from -9223372036854775808
            32768                             | Short   | a whole number from -32768
            1e400                             | Double  | without losing a digit
            9007199254740993                  | Double  | without losing a digit
            100000000000000000.10             | Double  | without losing a digit
            "s3cret"                          | Boolean | true or false
            "s3cret"                          | Date    | ISO 8601
            "2026-01-02"                      | Date    | ISO 8601
            "2026-01-02T03:04:05"             | Date    | ISO 8601
            "2026-02-30T03:04:05Z"            | Date    | ISO 8601
            "+10000-01-01T00:00:00Z"          | Date    | ISO 8601
            "2026-01-02T03:04:05+01:02:03"    | Date    | ISO 8601
            1767323045678                     | Date    | ISO 8601
            "s3cret"                          | Xml     | XML
            "%s3cret%"                        | Bytes   | Base64
            "aGVsbG__"                        | Bytes   | Base64
            {"hint":"s3cret"}                 | Bytes   | Base64
            "aGVsbG8="                        | File    | { filename, content }
            {"content":"aGVsbG8="}            | File    | { filename, content }
            {"filename":" ","content":""}     | File    | { filename, content }
            {"filename":"s3cret"}             | File    | { filename, content }
            {"filename":"a","content":"?"}    | File    | { filename, content }
            {"filename":"a","content":"","mimeType":"s3cret"} | File | { filename, content }
            {"filename":"a","content":"","encoding":"s3cret"} | File | { filename, content }
            """)
    void a_value_that_misfits_its_declared_type_is_refused_without_showing_it(
            String plain, String type, String expectation) {
        assertThatThrownBy(() -> declared(plain, type))
                .isInstanceOf(VariableException.class)
                .hasMessageStartingWith("Variable 'x' cannot be written as " + type + ": expected ")
                .hasMessageContaining(expectation)
                .hasMessageEndingWith("Correct the mapping, or the type in the topic's outputs.")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void a_file_keeps_its_name_media_type_and_encoding() {
        assertThat(declared("""
                        {"filename":"a.txt","mimeType":"text/plain; charset=utf-8","encoding":"UTF-8","content":"","href":"/x"}""", "File").path("valueInfo"))
                .hasToString(
                        "{\"filename\":\"a.txt\",\"mimeType\":\"text/plain; charset=utf-8\",\"encoding\":\"UTF-8\"}");
    }

    @Test
    void a_declared_string_over_4000_characters_is_refused_with_its_size() {
        assertThatThrownBy(() -> declared(text(4001), "String")).hasMessageContaining("found text of 4001 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Datum", "date", "file", "Null", ""})
    void a_type_that_no_route_can_ask_for_is_refused_with_those_it_can(String type) {
        assertThatThrownBy(() -> VariableType.named(type))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "'" + type + "' is not a type, expected one of String, Integer, Long, Short, Double, Boolean,"
                                + " Date, Xml, Json, Object, Bytes, File");
    }

    @ParameterizedTest(name = "{0} was {1} and is {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            5                      | {"type":"Long","value":1}          | Long
            5                      | {"type":"Short","value":1}         | Short
            5                      | {"type":"Double","value":1.0}      | Double
            "2026-01-02T03:04:05Z" | {"type":"Date","value":null}       | Date
            "<a/>"                 | {"type":"Xml","value":"<b/>"}      | Xml
            "a"                    | {"type":"Json","value":"{}"}       | Json
            99999                  | {"type":"Short","value":1}         | Integer
            5.5                    | {"type":"Long","value":1}          | Double
            9007199254740993       | {"type":"Double","value":1.0}      | Long
            "tomorrow"             | {"type":"Date","value":null}       | String
            "none"                 | {"type":"Xml","value":"<b/>"}      | String
            5                      | {"type":"String","value":"1"}      | Integer
            "aGVsbG8="             | {"type":"Bytes","value":"aGVsbG8="}| String
            {"content":"aGk="}     | {"type":"Bytes","value":null}      | Bytes
            {"filename":"a","content":"aGk="} | {"type":"File","value":null} | File
            {"filename":"a"}       | {"type":"File","value":null}       | Json
            true                   | {"type":"Null","value":null}       | Boolean
            null                   | {"type":"Long","value":1}          | Null
            """)
    void a_fetched_variable_keeps_its_type_as_long_as_the_new_value_fits(String plain, String fetched, String type) {
        ObjectNode written = new TypedVariables(JsonFormat.JSON).encode(x(plain), Map.of(), x(fetched));

        assertThat(written.at("/x/type").textValue()).isEqualTo(type);
    }

    @Test
    void a_fetched_object_keeps_its_java_type_as_long_as_it_stays_an_object() {
        JsonNode fetched = x("""
                {"type":"Object","value":"{\\"amount\\":1}",
                 "valueInfo":{"objectTypeName":"com.acme.Order","serializationDataFormat":"application/json"}}""");
        TypedVariables variables = new TypedVariables(JsonFormat.JSON);

        assertThat(variables.encode(x("{\"amount\":0.10}"), Map.of(), fetched)).isEqualTo(x("""
                        {"type":"Object","value":"{\\"amount\\":0.10}",
                         "valueInfo":{"objectTypeName":"com.acme.Order","serializationDataFormat":"application/json"}}"""));
        assertThat(variables.encode(x("[1]"), Map.of(), fetched).at("/x/type").textValue())
                .isEqualTo("Json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"""
                {"type":"File","value":null,"valueInfo":{"filename":"a.pdf"}}""", """
                {"type":"Bytes","value":"aGVsbG8="}""", """
                {"type":"Object","value":"rO0","valueInfo":{"serializationDataFormat":"application/x-java-serialized-object"}}""", """
                {"type":"Money","value":{"amount":1},"valueInfo":{"currency":"EUR"}}"""})
    void a_reference_is_not_written_back_unless_it_was_changed(String fetched) {
        TypedVariables variables = new TypedVariables(JsonFormat.JSON);
        ObjectNode body = variables.decode(x(fetched), "e1");

        assertThat(variables.encode(body, Map.of(), x(fetched))).isEmpty();

        ((ObjectNode) body.get("x")).put("checked", true);
        assertThat(variables.encode(body, Map.of(), x(fetched)).at("/x/type").textValue())
                .isEqualTo("Json");
    }

    @Test
    void an_object_that_only_looks_like_a_reference_is_written() {
        assertThat(encode(JsonFormat.JSON, "{\"type\":\"File\",\"filename\":\"a.pdf\"}")
                        .get("type")
                        .textValue())
                .isEqualTo("Json");
    }

    @Test
    void no_body_writes_nothing() {
        TypedVariables variables = new TypedVariables(JsonFormat.JSON);

        assertThat(variables.encode(null)).isEmpty();
        assertThat(variables.encode(NullNode.instance)).isEmpty();
        assertThat(variables.encode(MissingNode.getInstance())).isEmpty();
        assertThat(variables.encode(Json.parse("{}"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"[1], array", "'\"s3cret\"', string", "5, number"})
    void a_body_that_is_no_object_is_refused(String body, String kind) {
        assertThatThrownBy(() -> new TypedVariables(JsonFormat.JSON).encode(Json.parse(body)))
                .isInstanceOf(VariableException.class)
                .hasMessage("The variables to write must be a JSON object, found " + kind
                        + ": let the route's last mapping build { name: value }.");
    }

    @Test
    void a_name_has_1_to_255_characters() {
        assertThat(encodeNamed("n".repeat(255)).get("n".repeat(255))).isNotNull();
        assertThatThrownBy(() -> encodeNamed("")).hasMessageContaining("has an empty name");
        assertThatThrownBy(() -> encodeNamed("n".repeat(256))).hasMessageContaining("has a name of 256 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a\\ud800b\"", "\"\\udc00\"", "\"a\\ud800\"", "[{\"a\":\"\\ud800\"}]", "{\"\\ud800\":1}"})
    void half_a_surrogate_pair_is_refused_wherever_it_hides(String plain) {
        assertThatThrownBy(() -> encode(JsonFormat.JSON, plain))
                .isInstanceOf(VariableException.class)
                .hasMessageContaining("half of a surrogate pair");
    }

    @Test
    void a_nul_character_is_refused_in_text_and_kept_inside_json() {
        assertThatThrownBy(() -> encode(JsonFormat.JSON, "\"a\\u0000b\"")).hasMessageContaining("NUL");
        assertThatThrownBy(() -> encodeNamed("a\0b")).hasMessageContaining("NUL");
        assertThat(encode(JsonFormat.JSON, "[\"a\\u0000b\"]").get("value").textValue())
                .isEqualTo("[\"a\\u0000b\"]");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void what_a_mapping_made_infinite_is_refused_wherever_it_hides(double number) {
        ObjectNode nested = Json.MAPPER.createObjectNode();
        nested.putObject("x").putArray("a").add(number);

        TypedVariables variables = new TypedVariables(JsonFormat.JSON);
        assertThatThrownBy(() -> variables.encode(Json.MAPPER.createObjectNode().set("x", DoubleNode.valueOf(number))))
                .hasMessageContaining("Variable 'x' holds a number that is not finite");
        assertThatThrownBy(() -> variables.encode(nested)).hasMessageContaining("not finite");
    }

    @Test
    void a_java_object_in_the_body_is_refused() {
        ObjectNode body = Json.MAPPER.createObjectNode().set("x", new POJONode(new Object()));

        assertThatThrownBy(() -> new TypedVariables(JsonFormat.JSON).encode(body))
                .hasMessage("Variable 'x' holds a value that is not JSON (pojo).");
    }

    private static ObjectNode encode(JsonFormat format, String plain) {
        return (ObjectNode) new TypedVariables(format).encode(x(plain)).get("x");
    }

    private static ObjectNode encodeNamed(String name) {
        return new TypedVariables(JsonFormat.JSON)
                .encode(Json.MAPPER.createObjectNode().set(name, TextNode.valueOf("v")));
    }

    private static ObjectNode declared(String plain, String type) {
        return (ObjectNode) new TypedVariables(JsonFormat.JSON)
                .encode(x(plain), Map.of("x", VariableType.named(type)), MissingNode.getInstance())
                .get("x");
    }

    private static ObjectNode x(String json) {
        return Json.MAPPER.createObjectNode().set("x", Json.parse(json));
    }

    private static String text(int length) {
        return "\"" + "x".repeat(length) + "\"";
    }
}
