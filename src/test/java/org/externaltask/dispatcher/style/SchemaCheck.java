package org.externaltask.dispatcher.style;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.util.function.BiConsumer;
import org.externaltask.dispatcher.fixtures.FixtureYaml;
import org.externaltask.dispatcher.style.StyleRule.Findings;
import org.externaltask.dispatcher.style.YamlFile.Kind;

/** Validates a file against Camel's own schema of its YAML DSL. */
final class SchemaCheck implements BiConsumer<YamlFile, Findings> {

    private static final int MOST_MESSAGES = 5;

    private final JsonSchema schema = JsonSchemaFactory.getInstance(VersionFlag.V4)
            .getSchema(
                    SchemaCheck.class.getResourceAsStream("/schema/camelYamlDsl.json"),
                    SchemaValidatorsConfig.builder()
                            .pathType(PathType.JSON_POINTER)
                            .build());

    @Override
    public void accept(YamlFile file, Findings findings) {
        JsonNode document = FixtureYaml.read(file.fileName(), file.text());
        YamlNode root = file.root();
        if (file.kind() == Kind.KAMELET) {
            document = JsonNodeFactory.instance
                    .arrayNode()
                    .add(document.path("spec").path("template"));
            root = root.get("spec", "template").orElse(root);
        }
        YamlNode place = root;
        String element = file.kind() == Kind.KAMELET ? "^/0" : "^";
        schema.validate(document).stream()
                .sorted((one, other) -> Integer.compare(
                        other.getInstanceLocation().getNameCount(),
                        one.getInstanceLocation().getNameCount()))
                .limit(MOST_MESSAGES)
                .forEach(error -> findings.add(
                        place.at(error.getInstanceLocation().toString().replaceFirst(element, "")),
                        "%s; write what Camel's schema allows there",
                        error.getMessage()));
    }
}
