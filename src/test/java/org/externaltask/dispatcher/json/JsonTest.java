package org.externaltask.dispatcher.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.10",
                "100000000000000000.10",
                "9007199254740993",
                "9223372036854775808",
                "12345678901234567890.123456789012345678",
                "1E+400",
                "1E-400",
                "{\"a\":[0.10,{\"b\":1.00}]}"
            })
    void a_number_comes_out_with_the_digits_it_went_in_with(String json) {
        assertThat(Json.write(parse(json))).isEqualTo(json);
    }

    @Test
    void a_number_too_large_for_a_double_is_not_infinity() {
        JsonNode number = parse("{\"a\":1e400}");

        assertThat(Json.write(number)).isEqualTo("{\"a\":1E+400}");
    }

    @Test
    void an_exponent_in_the_millions_is_written_back_in_a_few_characters() {
        assertThat(Json.write(parse("1e999999999"))).hasSizeLessThan(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1} xx", "{} {}", "{\"a\":", "secret", "[1,]", "NaN", "{'a':1}", "<html></html>"})
    void what_is_not_exactly_one_value_is_refused_without_quoting_it(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("is not valid JSON at line 1, column \\d+")
                .hasNoCause();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  \n"})
    void nothing_at_all_is_refused(String text) {
        assertThatThrownBy(() -> parse(text)).hasMessage("is empty, expected JSON");
    }

    @Test
    void invalid_utf8_is_refused_and_not_replaced() {
        byte[] latin1 = "{\"name\":\"Zoë\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> Json.parse(latin1)).hasMessageStartingWith("is not valid JSON");
    }

    @Test
    void nesting_without_end_is_refused() {
        assertThatThrownBy(() -> parse("[".repeat(100_000))).hasMessageStartingWith("is not valid JSON");
    }

    private static JsonNode parse(String json) {
        return Json.parse(json.getBytes(StandardCharsets.UTF_8));
    }
}
