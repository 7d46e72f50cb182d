package org.externaltask.dispatcher.style;

import static org.externaltask.dispatcher.style.StyleRule.forAll;
import static org.externaltask.dispatcher.style.StyleRule.forRoutes;
import static org.externaltask.dispatcher.style.StyleRule.forTopics;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.externaltask.dispatcher.style.StyleRule.Findings;

/** What a route may say, and how. */
final class StepRules {

    private static final Set<String> LANGUAGES = Set.of(
            "constant",
            "csimple",
            "datasonnet",
            "exchangeProperty",
            "groovy",
            "header",
            "java",
            "joor",
            "jq",
            "js",
            "jsonpath",
            "language",
            "method",
            "mvel",
            "ognl",
            "python",
            "ref",
            "simple",
            "spel",
            "tokenize",
            "variable",
            "wasm",
            "xpath",
            "xquery",
            "xtokenize");
    private static final Set<String> LANGUAGES_OF_TOPICS = Set.of("constant", "jq", "jsonpath", "simple");
    private static final Set<String> JAVA =
            Set.of("bean", "process", "script", "beans", "claimCheck", "dynamicRouter", "routingSlip");

    /** Where the schema wants the language itself, without 'expression'. */
    private static final Set<String> PREDICATES =
            Set.of("handled", "continued", "onWhen", "retryWhile", "completionPredicate");

    private static final Set<String> SENDERS = Set.of("from", "to", "toD", "wireTap", "enrich", "pollEnrich", "poll");
    private static final Pattern ADDRESS = Pattern.compile(
            "(?i)^(https?|ftps?|sftp|amqps?|jms|smtps?|tcp|netty|file|kafka|rabbitmq)[:-].*|.*(//|@).*|.*:\\d{2,5}\\b.*");
    private static final Pattern SECRET = Pattern.compile(
            "(?i).*(password|passwd|passphrase|secret|token|api[-_]?key|credential|authorization|private[-_]?key).*");
    private static final int LONGEST_MAPPING = 12;

    static final List<StyleRule> ALL = List.of(
            forAll("schema-valid", new SchemaCheck()),
            forAll("canonical-form", StepRules::canonicalForm),
            forAll("parameters-are-yaml", StepRules::parametersAreYaml),
            forAll("static-endpoints", StepRules::staticEndpoints),
            forAll("no-literal-address", StepRules::noLiteralAddress),
            forAll("no-secret-option", StepRules::noSecretOption),
            forTopics("only-kamelets-leave", StepRules::onlyKameletsLeave),
            forTopics("no-java", StepRules::noJava),
            forTopics("languages-of-topics", StepRules::languagesOfTopics),
            forTopics("short-mapping", StepRules::shortMapping),
            forTopics("no-step-ids", StepRules::noStepIds),
            forTopics("received-messages-are-parked", StepRules::receivedMessagesAreParked),
            forRoutes("errors-reach-the-caller", StepRules::errorsReachTheCaller));

    private StepRules() {}

    private static void canonicalForm(YamlFile file, Findings findings) {
        file.root().all("steps").flatMap(steps -> steps.children().stream()).forEach(step -> {
            YamlNode named = step.children().isEmpty() ? step : step.children().get(0);
            if (named.text() != null && !named.text().isEmpty()) {
                findings.add(
                        named,
                        "spell '%s: %s' out: a mapping below '%s:', such as 'uri:' or 'message:'",
                        named.key(),
                        named.text(),
                        named.key());
            }
        });
        file.root().all().filter(StepRules::isLanguage).forEach(language -> {
            String wrapper = language.parent().key();
            if (!wrapper.equals("expression") && !PREDICATES.contains(wrapper)) {
                findings.add(language, "write 'expression:' around '%s:'", language.key());
            }
            if (language.text() != null) {
                findings.add(language, "write 'expression:' below '%s:' and the text there", language.key());
            }
        });
    }

    private static void parametersAreYaml(YamlFile file, Findings findings) {
        for (YamlNode endpoint : file.endpoints()) {
            if (!endpoint.key().equals("toD") && endpoint.text("uri").contains("?")) {
                findings.add(endpoint, "write what follows the question mark as 'parameters:', one a line");
            }
        }
    }

    private static void staticEndpoints(YamlFile file, Findings findings) {
        for (YamlNode endpoint : file.endpoints()) {
            if (endpoint.key().equals("toD") || endpoint.text("uri").contains("${")) {
                findings.add(
                        endpoint,
                        "'%s' is chosen at run time, by data that others send; write a fixed uri, and data into the body",
                        endpoint.text("uri"));
            }
            endpoint.get("parameters").stream()
                    .flatMap(parameters -> parameters.children().stream())
                    .filter(parameter ->
                            parameter.text() != null && parameter.text().contains("${"))
                    .filter(parameter -> !Kamelets.isExpression(endpoint.text("uri"), parameter.key()))
                    .forEach(parameter -> findings.add(
                            parameter, "%s is never evaluated here; write a fixed value", parameter.text()));
        }
    }

    private static void noLiteralAddress(YamlFile file, Findings findings) {
        for (YamlNode endpoint : file.endpoints()) {
            if (ADDRESS.matcher(endpoint.text("uri")).matches()) {
                findings.add(
                        endpoint.get("uri").orElseThrow(),
                        "'%s' names a host, a port or a user; name a gateway, an engine or an exchange, and put its address into the configuration",
                        endpoint.text("uri"));
            }
            endpoint.get("parameters").stream()
                    .flatMap(parameters -> parameters.children().stream())
                    .filter(parameter ->
                            parameter.text() != null && parameter.text().matches("(?i)[a-z]+://.*"))
                    .forEach(parameter -> findings.add(
                            parameter, "'%s' is an address; put it into the configuration", parameter.text()));
        }
    }

    private static void noSecretOption(YamlFile file, Findings findings) {
        String instead = "'%s' looks like a secret; authentication belongs into etd.gateways.<name>.authentication or"
                + " etd.engines.<name>.authentication";
        file.root()
                .all()
                .filter(node -> !node.inList() && node.parent() != null)
                .filter(node -> node.parent().key().matches("parameters|properties"))
                .filter(node -> SECRET.matcher(node.key()).matches())
                .forEach(node -> findings.add(node, instead, node.key()));
        file.root()
                .all("name")
                .filter(name ->
                        name.text() != null && SECRET.matcher(name.text()).matches())
                .forEach(name -> findings.add(name, instead, name.text()));
        for (YamlNode endpoint : file.endpoints()) {
            String uri = endpoint.text("uri");
            if (uri.contains("?")
                    && SECRET.matcher(uri.substring(uri.indexOf('?')).replaceAll("=[^&]*", ""))
                            .matches()) {
                findings.add(endpoint, instead, uri.substring(uri.indexOf('?')).replaceAll("=[^&]*", ""));
            }
        }
    }

    private static void onlyKameletsLeave(YamlFile file, Findings findings) {
        for (YamlNode endpoint : file.endpoints()) {
            String uri = endpoint.text("uri");
            boolean start = endpoint.key().equals("from");
            if (start ? !uri.matches("(external-task|user-task|spring-rabbitmq):.*") : !uri.startsWith("kamelet:")) {
                findings.add(
                        endpoint,
                        start
                                ? "a topic starts from external-task:%2$s, from user-task:%2$s or from spring-rabbitmq:<exchange>, not from '%1$s'"
                                : "'%s' goes past the kamelets; write 'uri: kamelet:' and one of "
                                        + String.join(", ", Kamelets.names()),
                        uri,
                        file.name());
            }
        }
        file.root()
                .all()
                .filter(node -> SENDERS.contains(node.key())
                        && !node.inList()
                        && node.get("uri").isEmpty()
                        && node.text() == null)
                .filter(node -> node.parent() != null && node.parent().key().matches("steps|route"))
                .forEach(node -> findings.add(node, "'%s' has no uri; write where it goes", node.key()));
    }

    private static void noJava(YamlFile file, Findings findings) {
        file.root()
                .all()
                .filter(node -> !node.inList() && JAVA.contains(node.key()))
                .filter(node -> node.parent() == null || !node.parent().key().equals("parameters"))
                .forEach(node -> findings.add(
                        node, "'%s' calls Java; map with jq, and leave the rest to a kamelet", node.key()));
    }

    private static void languagesOfTopics(YamlFile file, Findings findings) {
        file.root()
                .all()
                .filter(StepRules::isLanguage)
                .filter(language -> !LANGUAGES_OF_TOPICS.contains(language.key()))
                .forEach(language -> findings.add(
                        language,
                        "'%s' is none of a topic's languages; write jq for mappings, jsonpath for predicates and splits, simple for one value",
                        language.key()));
    }

    private static void shortMapping(YamlFile file, Findings findings) {
        file.root()
                .all("expression")
                .filter(expression ->
                        expression.text() != null && expression.text().lines().count() > LONGEST_MAPPING)
                .forEach(expression -> findings.add(
                        expression,
                        "the mapping has %d lines; put what is longer than %d into a .jq file beside the topic: 'expression: resource:...'",
                        expression.text().lines().count(),
                        LONGEST_MAPPING));
    }

    private static void noStepIds(YamlFile file, Findings findings) {
        file.root()
                .all("id")
                .filter(id -> file.routes().stream().noneMatch(route -> route.equals(id.parent())))
                .filter(id -> !id.parent().key().equals("parameters"))
                .forEach(
                        id -> findings.add(
                                id,
                                "remove the id: it must be unique in the whole dispatcher, and a copy of this file would stop its start"));
    }

    private static void receivedMessagesAreParked(YamlFile file, Findings findings) {
        for (YamlNode route : file.routes()) {
            String uri = route.text("from", "uri");
            if (uri != null
                    && uri.startsWith("spring-rabbitmq:")
                    && !"message-errors".equals(route.text("routeConfigurationId"))) {
                findings.add(
                        route,
                        "write 'routeConfigurationId: message-errors' beside the id, or a failing message is not tried again");
            }
        }
    }

    private static void errorsReachTheCaller(YamlFile file, Findings findings) {
        for (YamlNode route : file.routes()) {
            String uri = route.text("from", "uri");
            if (uri != null
                    && uri.startsWith("direct:")
                    && route.get("errorHandler", "noErrorHandler").isEmpty()
                    && route.get("routeConfigurationId").isEmpty()) {
                findings.add(
                        route,
                        "write 'errorHandler: {noErrorHandler: {}}', or the error clauses of whoever calls it never run; or name its"
                                + " own with 'routeConfigurationId'");
            }
        }
    }

    private static boolean isLanguage(YamlNode node) {
        if (node.inList() || node.parent() == null || !LANGUAGES.contains(node.key())) {
            return false;
        }
        // 'method' and 'ref' are also options of a language, a processor or an endpoint, and anything may be one
        return !node.parent().key().matches("parameters|properties|process|method|bean|errorHandler|required")
                && !(LANGUAGES.contains(node.parent().key()));
    }
}
