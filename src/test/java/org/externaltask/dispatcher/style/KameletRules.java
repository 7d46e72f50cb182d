package org.externaltask.dispatcher.style;

import static org.externaltask.dispatcher.style.StyleRule.forAll;
import static org.externaltask.dispatcher.style.StyleRule.forKamelets;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.spi.UriParam;
import org.externaltask.dispatcher.style.StyleRule.Findings;

/** What a kamelet declares, and how it is used. Camel itself complains about none of this. */
final class KameletRules {

    /** What the Kamelet endpoint takes for itself; a kamelet's own parameter of that name never gets a value. */
    private static final Set<String> SWALLOWED = Stream.<Class<?>>iterate(
                    KameletEndpoint.class, type -> type != Object.class, Class::getSuperclass)
            .flatMap(type -> Arrays.stream(type.getDeclaredFields()))
            .filter(field -> field.isAnnotationPresent(UriParam.class))
            .map(KameletRules::option)
            .filter(option -> !option.equals("timeout")) // our kamelet: component (KameletsWithTimeout) hands it on
            .collect(Collectors.toUnmodifiableSet());

    static final List<StyleRule> ALL = List.of(
            forAll("kamelet-exists", KameletRules::exists),
            forAll("kamelet-parameter-is-declared", KameletRules::declared),
            forAll("kamelet-parameter-is-present", KameletRules::present),
            forAll("kamelet-parameter-is-valid", KameletRules::valid),
            forKamelets("kamelet-is-documented", KameletRules::documented),
            forKamelets("kamelet-parameter-is-not-swallowed", KameletRules::notSwallowed));

    private KameletRules() {}

    private static Stream<YamlNode> uses(YamlFile file) {
        return file.endpoints().stream().filter(endpoint -> endpoint.text("uri").matches("kamelet:(?!source|sink).*"));
    }

    private static Stream<YamlNode> parameters(YamlNode use) {
        return use.get("parameters").stream().flatMap(parameters -> parameters.children().stream());
    }

    private static void exists(YamlFile file, Findings findings) {
        uses(file)
                .filter(use -> Kamelets.of(use.text("uri")) == null)
                .forEach(use -> findings.add(
                        use,
                        "'%s' does not exist; write one of %s",
                        use.text("uri"),
                        String.join(", ", Kamelets.names())));
    }

    private static void declared(YamlFile file, Findings findings) {
        uses(file).filter(use -> Kamelets.of(use.text("uri")) != null).forEach(use -> {
            List<String> declared = Kamelets.parameters(Kamelets.of(use.text("uri"))).stream()
                    .map(YamlNode::key)
                    .toList();
            parameters(use)
                    .filter(parameter -> !declared.contains(parameter.key()))
                    .forEach(parameter -> findings.add(
                            parameter,
                            "%s has no parameter '%s'; write one of %s",
                            use.text("uri"),
                            parameter.key(),
                            String.join(", ", declared)));
        });
    }

    private static void present(YamlFile file, Findings findings) {
        uses(file).filter(use -> Kamelets.of(use.text("uri")) != null).forEach(use -> {
            List<String> present = parameters(use).map(YamlNode::key).toList();
            Kamelets.required(Kamelets.of(use.text("uri"))).stream()
                    .filter(required -> !present.contains(required))
                    .forEach(required -> findings.add(
                            use,
                            "%s needs the parameter '%s'; write it below 'parameters:'",
                            use.text("uri"),
                            required));
        });
    }

    private static void valid(YamlFile file, Findings findings) {
        uses(file).filter(use -> Kamelets.of(use.text("uri")) != null).forEach(use -> parameters(use)
                .filter(parameter ->
                        parameter.text() != null && !parameter.text().matches(".*([$]\\{|\\{\\{).*"))
                .forEach(parameter -> Kamelets.parameters(Kamelets.of(use.text("uri"))).stream()
                        .filter(declared -> declared.key().equals(parameter.key()))
                        .forEach(declared -> valid(parameter, declared, findings))));
    }

    private static void valid(YamlNode parameter, YamlNode declared, Findings findings) {
        String value = parameter.text();
        List<String> allowed = declared.get("enum").stream()
                .flatMap(values -> values.children().stream())
                .map(YamlNode::text)
                .toList();
        String pattern = declared.text("pattern");
        if (!allowed.isEmpty() && !allowed.contains(value)) {
            findings.add(parameter, "%s is '%s'; write one of %s", parameter.key(), value, String.join(", ", allowed));
        } else if (pattern != null && !value.matches(pattern)) {
            findings.add(parameter, "%s is '%s'; write it like '%s'", parameter.key(), value, declared.text("example"));
        } else if ("boolean".equals(declared.text("type")) && !value.matches("true|false")) {
            findings.add(parameter, "%s is '%s'; write true or false", parameter.key(), value);
        }
    }

    private static void documented(YamlFile file, Findings findings) {
        YamlNode root = file.root();
        if (!file.name().equals(root.text("metadata", "name"))) {
            findings.add(1, "write 'metadata: {name: %s}', as the file is called", file.name());
        }
        Stream.concat(root.get("spec", "definition").stream(), Kamelets.parameters(file).stream())
                .forEach(described -> Stream.of("title", "description", "type")
                        .filter(key -> described.text(key) == null)
                        .forEach(key -> findings.add(
                                described, "give '%s' a %s; it is what an editor shows", described.key(), key)));
    }

    private static void notSwallowed(YamlFile file, Findings findings) {
        Kamelets.parameters(file).stream()
                .filter(parameter -> SWALLOWED.contains(parameter.key()))
                .forEach(parameter -> findings.add(
                        parameter,
                        "Camel's Kamelet endpoint takes '%s' for itself, so the kamelet would never get it; rename it",
                        parameter.key()));
    }

    private static String option(Field field) {
        String name = field.getAnnotation(UriParam.class).name();
        return name.isEmpty() ? field.getName() : name;
    }
}
