package org.externaltask.dispatcher.it;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import org.externaltask.dispatcher.DispatcherApplication;
import org.externaltask.dispatcher.sandbox.EngineClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Files and bytes of a process: their content on its way out of the engine, and back into it. */
@SpringBootTest(
        classes = DispatcherApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "etd.routes=file:src/test/resources/files")
@DirtiesContext
class FileVariablesIT {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final EngineClient engine = Surroundings.ENGINE.client();

    @DynamicPropertySource
    static void surroundings(DynamicPropertyRegistry properties) {
        Surroundings.connect(properties);
    }

    @AfterEach
    void forgetStubs() {
        Surroundings.GATEWAY.wireMock().resetToDefaultMappings();
        Surroundings.GATEWAY.wireMock().resetRequests();
    }

    @Test
    void a_file_goes_to_the_gateway_and_a_copy_back_into_the_process_with_every_byte_and_its_media_type() {
        Surroundings.GATEWAY.wireMock().stubFor(any(anyUrl()).willReturn(okJson("{}")));
        String content = "%PDF-1.7 \u00e4\u0000\u001f\u20ac".repeat(60_000);

        String instance = start("svc_CopyFile", content);

        awaitEnd(instance, "Done");
        Surroundings.GATEWAY
                .wireMock()
                .verify(postRequestedFor(urlEqualTo("/documents"))
                        .withRequestBody(equalToJson("""
                        {"name": "contract.pdf", "type": "application/pdf", "data": "%s"}""".formatted(base64(content)))));
        JsonNode copy = engine.variables(instance).get("copy");
        assertThat(copy.path("type").asText()).isEqualTo("File");
        assertThat(copy.path("valueInfo").path("filename").asText()).isEqualTo("copy of contract.pdf");
        assertThat(copy.path("valueInfo").path("mimeType").asText()).isEqualTo("application/pdf");
        assertThat(data(copy)).isEqualTo(content);
    }

    @Test
    void what_was_downloaded_and_left_alone_stays_what_it_was() {
        String instance = start("svc_LookIntoFile", "the contract");

        awaitEnd(instance, "Done");
        Map<String, JsonNode> variables = engine.variables(instance);
        assertThat(variables.get("seen").path("value").asText())
                .isEqualTo(base64("the contract") + " " + base64("raw bytes"));
        assertThat(variables.get("contract").path("type").asText()).isEqualTo("File");
        assertThat(data(variables.get("contract"))).isEqualTo("the contract");
        assertThat(variables.get("raw").path("type").asText()).isEqualTo("Bytes");
        assertThat(engine.list("/history/detail?type=variableUpdate&variableInstanceId="
                        + variables.get("contract").path("id").asText()))
                .as("times that it was written")
                .hasSize(1);
    }

    @Test
    void a_file_with_another_content_under_its_name_stays_a_file() {
        String instance = start("svc_StampFile", "the contract");

        awaitEnd(instance, "Done");
        JsonNode contract = engine.variables(instance).get("contract");
        assertThat(contract.path("valueInfo").path("mimeType").asText()).isEqualTo("application/pdf");
        assertThat(data(contract)).isEqualTo("stamped");
    }

    @Test
    void a_file_that_is_larger_than_the_route_takes_is_an_incident_that_says_so() {
        String instance = start("svc_SmallFile", "x".repeat(1001));

        await().atMost(SOON).until(() -> !engine.incidents(instance).isEmpty());
        assertThat(engine.incidents(instance).get(0).path("incidentMessage").asText())
                .contains("svc_SmallFile", "with more than 1000 bytes", "raise maxBytes");
        awaitEnd(start("svc_SmallFile", "x".repeat(1000)), "Done");
    }

    @Test
    void a_file_that_the_process_does_not_have_is_an_incident_that_names_it() {
        String instance = engine.startProcess(
                "one-task", UUID.randomUUID().toString(), Map.of("topic", "svc_SmallFile", "key", "K-1"));

        await().atMost(SOON).until(() -> !engine.incidents(instance).isEmpty());
        assertThat(engine.incidents(instance).get(0).path("incidentMessage").asText())
                .contains("the variable 'contract' cannot be downloaded: it did not come with the task");
    }

    private String start(String topic, String content) {
        ObjectNode variables = EngineClient.typed(Map.of("topic", topic, "key", "K-1"));
        variables
                .putObject("contract")
                .put("type", "File")
                .put("value", base64(content))
                .set(
                        "valueInfo",
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("filename", "contract.pdf")
                                .put("mimeType", "application/pdf"));
        variables.putObject("raw").put("type", "Bytes").put("value", base64("raw bytes"));
        return engine.post("/process-definition/key/one-task/start", Map.of("variables", variables))
                .path("id")
                .asText();
    }

    private String data(JsonNode variable) {
        return engine.text("/history/variable-instance/" + variable.path("id").asText() + "/data");
    }

    private static String base64(String content) {
        return Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
    }

    private void awaitEnd(String instance, String name) {
        await().atMost(SOON).untilAsserted(() -> assertThat(engine.endEvent(instance))
                .as(() -> "incidents " + engine.incidents(instance))
                .contains(name));
    }
}
