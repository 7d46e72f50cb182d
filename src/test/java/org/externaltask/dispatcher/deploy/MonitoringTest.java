package org.externaltask.dispatcher.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What watches the dispatcher: that it gets in, and that an operator finds what to do about each alarm. */
class MonitoringTest {

    @Test
    void each_alarm_has_its_line_in_the_operating_guide_and_each_line_its_alarm() throws IOException {
        JsonNode rules = content("deploy/prometheus/rules.yml").at("/groups/0/rules");
        assertThat(rules).isNotEmpty();

        assertThat(Pattern.compile("(?m)^\\| `(\\w+)` \\| (?:critical|warning) \\|")
                        .matcher(Files.readString(Path.of("docs/operating.md")))
                        .results()
                        .map(line -> line.group(1)))
                .containsExactlyElementsOf(StreamSupport.stream(rules.spliterator(), false)
                        .map(rule -> rule.path("alert").asText())
                        .toList());
    }

    @Test
    void the_operating_guide_says_how_grave_each_alarm_is() throws IOException {
        String guide = Files.readString(Path.of("docs/operating.md"));

        content("deploy/prometheus/rules.yml").at("/groups/0/rules").forEach(rule -> assertThat(guide)
                .contains("| `%s` | %s |"
                        .formatted(
                                rule.path("alert").asText(),
                                rule.at("/labels/severity").asText())));
    }

    @Test
    void prometheus_logs_in_as_a_user_that_the_compose_file_gives_the_dispatcher() {
        JsonNode login = content("deploy/prometheus/prometheus.yml").at("/scrape_configs/0/basic_auth");
        JsonNode environment = content("docker-compose.yml").at("/services/dispatcher/environment");

        String user = "ETD_CONSOLE_USERS_" + login.path("username").asText().toUpperCase(Locale.ROOT);
        assertThat(environment.path(user + "_PASSWORD").asText())
                .hasSizeGreaterThanOrEqualTo(8)
                .isEqualTo(login.path("password").asText());
        assertThat(environment.has(user + "_ROLE")).as("a viewer").isFalse();
    }

    private static JsonNode content(String file) {
        return Manifest.in(Path.of(file)).get(0).content();
    }
}
