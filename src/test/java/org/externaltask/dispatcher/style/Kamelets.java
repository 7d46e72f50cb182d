package org.externaltask.dispatcher.style;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Knows the kamelets that topic files may use, and their parameters. */
final class Kamelets {

    static final Path FOLDER = Path.of("src/main/resources/kamelets");

    private static final Map<String, YamlFile> BY_NAME = YamlFile.in(FOLDER).stream()
            .collect(Collectors.toMap(YamlFile::name, file -> file, (one, other) -> one, TreeMap::new));

    private Kamelets() {}

    static Set<String> names() {
        return BY_NAME.keySet();
    }

    /** The kamelet of a uri such as kamelet:call-gateway; null when there is none. */
    static YamlFile of(String uri) {
        return BY_NAME.get(uri.replaceFirst("^kamelet:", "").replaceFirst("[/?].*", ""));
    }

    static List<YamlNode> parameters(YamlFile kamelet) {
        return kamelet.root()
                .get("spec", "definition", "properties")
                .map(YamlNode::children)
                .orElse(List.of());
    }

    static List<String> required(YamlFile kamelet) {
        return kamelet.root().get("spec", "definition", "required").stream()
                .flatMap(required -> required.children().stream())
                .map(YamlNode::text)
                .toList();
    }

    /** Whether the kamelet evaluates this parameter as a simple expression, and does not only hand it on. */
    static boolean isExpression(String uri, String parameter) {
        YamlFile kamelet = uri.startsWith("kamelet:") ? of(uri) : null;
        return kamelet != null
                && kamelet.root()
                        .all("simple")
                        .map(simple -> simple.text("expression"))
                        .anyMatch(expression ->
                                expression != null && expression.matches("\\{\\{\\??" + parameter + "(:.*)?}}"));
    }
}
