package org.externaltask.dispatcher.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.JsonParser;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * An object for Kubernetes or KEDA, as it stands in a YAML file.
 *
 * @param from where it was read, for messages
 */
public record Manifest(String from, JsonNode content) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchema KEDA = JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(Manifest.class.getResourceAsStream("/deploy/keda.schema.json"));

    private interface Check {
        void check(com.google.gson.JsonElement json) throws IOException;
    }

    /** Kubernetes' own classes refuse fields that they do not know, and miss those that they need. */
    private static final Map<String, Check> KUBERNETES = Map.of(
            "v1 ConfigMap", V1ConfigMap::validateJsonElement,
            "v1 Secret", V1Secret::validateJsonElement,
            "v1 Service", V1Service::validateJsonElement,
            "v1 ServiceAccount", V1ServiceAccount::validateJsonElement,
            "apps/v1 Deployment", V1Deployment::validateJsonElement,
            "networking.k8s.io/v1 NetworkPolicy", V1NetworkPolicy::validateJsonElement,
            "policy/v1 PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement);

    /** The objects in a file, which may hold several. */
    public static List<Manifest> in(Path file) {
        try {
            return in(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Manifest> in(String from, String yaml) {
        LoaderOptions strict = new LoaderOptions();
        strict.setAllowDuplicateKeys(false);
        return StreamSupport.stream(
                        new Yaml(new SafeConstructor(strict)).loadAll(yaml).spliterator(), false)
                .map(document -> new Manifest(from, JSON.valueToTree(document)))
                .toList();
    }

    String kind() {
        return content.path("kind").asText();
    }

    String name() {
        return content.at("/metadata/name").asText();
    }

    /** What is wrong with it; none if nothing is. */
    List<String> complaints() {
        if (content.path("apiVersion").asText().startsWith("keda.sh/")) {
            return KEDA.validate(content).stream()
                    .map(problem -> from + ": " + problem.getMessage())
                    .toList();
        }
        String type = content.path("apiVersion").asText() + " " + kind();
        Check check = KUBERNETES.get(type);
        if (check == null) {
            return List.of(from + ": nothing is known of a " + type);
        }
        try {
            check.check(JsonParser.parseString(content.toString()));
            return List.of();
        } catch (IOException | IllegalArgumentException e) {
            return List.of(from + ": " + e.getMessage());
        }
    }

    /** All values under this name, however deep. */
    Stream<JsonNode> all(String field) {
        return content.findValues(field).stream();
    }
}
