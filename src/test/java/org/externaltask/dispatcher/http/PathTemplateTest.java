package org.externaltask.dispatcher.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathTemplateTest {

    private static final PathTemplate CUSTOMER = PathTemplate.path("/customers/{id}");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "C-7|C-7",
                "a b|a%20b",
                "a/b|a%2Fb",
                "~x_y.z|~x_y.z",
                "{{secret}}|%7B%7Bsecret%7D%7D",
                "${env.X}|%24%7Benv.X%7D",
                "RAW(x)|RAW%28x%29",
                "#bean:x|%23bean%3Ax",
                "?httpMethod=DELETE|%3FhttpMethod%3DDELETE",
                "1&httpMethod=DELETE|1%26httpMethod%3DDELETE",
                "%2e%2e/|%252e%252e%2F",
                "@host/|%40host%2F",
                "...|...",
                "a..b|a..b",
                "Zoë|Zo%C3%AB",
                "😀|%F0%9F%98%80",
                "١|%D9%A1",
            })
    void a_value_is_percent_encoded(String value, String encoded) {
        assertThat(CUSTOMER.fill(Map.of("id", value)::get)).isEqualTo("/customers/" + encoded);
    }

    @Test
    void line_breaks_and_nul_are_percent_encoded() {
        assertThat(CUSTOMER.fill(Map.of("id", "a\r\nX: 1\0")::get)).isEqualTo("/customers/a%0D%0AX%3A%201%00");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "../admin", "a/../../admin", "..\\admin", "x/..", "/../x"})
    void a_value_cannot_climb_out_of_its_path(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CUSTOMER.fill(Map.of("id", value)::get))
                .withMessage("id holds . or .. as a path segment");
    }

    @Test
    void two_values_cannot_climb_together() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PathTemplate.path("/x/{a}{b}/y").fill(Map.of("a", ".", "b", ".")::get))
                .withMessage("a, b holds . or .. as a path segment");
    }

    @Test
    void dots_are_harmless_in_a_query() {
        assertThat(PathTemplate.query("dir={d}&n={n}").fill(Map.of("d", "../x", "n", 5)::get))
                .isEqualTo("dir=..%2Fx&n=5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"C 7\"|C%207",
                "42|42",
                "9007199254740993|9007199254740993",
                "0.10|0.10",
                "1E+2|100",
                "1E+999999999|1E%2B999999999",
                "true|true",
            })
    void a_json_scalar_stands_as_its_text(String json, String encoded) throws Exception {
        JsonNode value = JsonBody.parse(json.getBytes(StandardCharsets.UTF_8));

        assertThat(CUSTOMER.fill(name -> value)).isEqualTo("/customers/" + encoded);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|id is missing",
                "{\"id\":null}|id is null",
                "{\"id\":\"\"}|id is empty",
                "{\"id\":{\"a\":1}}|id is object, not a text, number or boolean",
                "{\"id\":[1]}|id is array, not a text, number or boolean",
                "{\"id\":\"\\ud800\"}|id is not valid Unicode text",
            })
    void a_value_that_cannot_stand_in_a_path_is_named(String json, String message) throws Exception {
        JsonNode body = JsonBody.parse(json.getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> CUSTOMER.fill(body::get)).hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "customers|must start with one /",
                "//evil.example/x|must start with one /",
                "http://evil.example/x|must start with one /",
                "/a/../b|must not hold . or ..",
                "/a/./b|must not hold . or ..",
                "/a?x=1|must not hold a query",
                "/a#b|has a character that cannot stand there",
                "/a b|has a character that cannot stand there",
                "/a/{id|has a character that cannot stand there",
                "/a/id}|has a character that cannot stand there",
                "/a/%zz|has a character that cannot stand there",
                "/a/{}|a variable is written {name}",
                "/a/{global:x}|a variable is written {name}",
            })
    void a_path_that_is_not_one_is_refused(String template, String rule) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PathTemplate.path(template))
                .withMessageStartingWith("option path=" + template + ": ")
                .withMessageContaining(rule);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?limit=10", "a=b c", "a=1#x"})
    void a_query_that_is_not_one_is_refused(String template) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PathTemplate.query(template))
                .withMessageStartingWith("option query=" + template + ": ");
    }
}
