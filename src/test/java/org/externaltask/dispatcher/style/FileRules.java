package org.externaltask.dispatcher.style;

import static org.externaltask.dispatcher.style.StyleRule.forAll;
import static org.externaltask.dispatcher.style.StyleRule.forRoutes;
import static org.externaltask.dispatcher.style.StyleRule.forTopics;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.externaltask.dispatcher.fixtures.TopicFolder;
import org.externaltask.dispatcher.style.StyleRule.Findings;
import org.externaltask.dispatcher.style.YamlFile.Kind;

/** What a file is called, where it lies, and what it says about itself. */
final class FileRules {

    private static final Map<String, String> PREFIX_OF_FOLDER =
            Map.of("service", "svc_", "send", "msg_", "receive", "msg_", "usertask", "usr_");

    static final List<StyleRule> ALL = List.of(
            forAll("head-comment", FileRules::headComment),
            forRoutes("one-definition-a-file", FileRules::oneDefinition),
            forRoutes("file-name-is-id", FileRules::fileNameIsId),
            forRoutes("description-is-present", FileRules::description),
            forRoutes("group-is-folder", FileRules::group),
            forTopics("topic-name", FileRules::topicName),
            forTopics("topic-is-id", FileRules::topicIsId),
            forTopics("fixture-is-present", FileRules::fixture));

    private FileRules() {}

    private static void headComment(YamlFile file, Findings findings) {
        List<String> lines = file.text().lines().limit(2).toList();
        if (lines.isEmpty() || !lines.get(0).matches("# \\p{Lu}.*")) {
            findings.add(
                    1,
                    "begin the file with what it is for, in one sentence: '# Looks up the customer behind an order.'");
        } else if (file.kind() == Kind.TOPIC
                && (lines.size() < 2 || !lines.get(1).startsWith("# in: "))) {
            findings.add(
                    2,
                    "state the topic's contract below the first sentence: '# in: customerNumber · out: customerName'");
        }
    }

    private static void oneDefinition(YamlFile file, Findings findings) {
        for (YamlNode definition : file.definitions()) {
            if (!definition.key().matches("route|routeConfiguration")) {
                findings.add(definition, "write a route or a routeConfiguration instead of '%s'", definition.key());
            }
        }
        if (file.definitions().size() != 1) {
            findings.add(
                    1,
                    "the file holds %d definitions; give each a file of its own",
                    file.definitions().size());
        }
    }

    private static void fileNameIsId(YamlFile file, Findings findings) {
        for (YamlNode definition : file.definitions()) {
            if (!file.name().equals(definition.text("id"))) {
                findings.add(
                        definition,
                        "the id is '%s'; write 'id: %s', as the file is called",
                        definition.text("id"),
                        file.name());
            }
        }
    }

    private static void description(YamlFile file, Findings findings) {
        String sentence = file.text().lines().findFirst().orElse("").replaceFirst("^# ", "");
        for (YamlNode route : file.routes()) {
            String description = route.text("description");
            if (description == null || description.isBlank()) {
                findings.add(route, "say in one sentence what the route does: 'description: %s'", sentence);
            } else if (file.kind() == Kind.TOPIC && !description.equals(sentence)) {
                findings.add(
                        route.get("description").orElseThrow(),
                        "repeat the first line of the file: 'description: %s'",
                        sentence);
            }
        }
    }

    private static void group(YamlFile file, Findings findings) {
        for (YamlNode route : file.routes()) {
            if (!file.folder().equals(route.text("group"))) {
                findings.add(
                        route,
                        "the group is '%s'; write 'group: %s', as the folder is called",
                        route.text("group"),
                        file.folder());
            }
        }
    }

    private static void topicName(YamlFile file, Findings findings) {
        if (!file.name().matches("(svc|msg|usr)_[A-Z][A-Za-z0-9]*")) {
            findings.add(
                    1, "rename '%s': svc_VerbNoun, msg_Imperative, msg_NounPastParticiple or usr_Noun", file.name());
        }
        String prefix = PREFIX_OF_FOLDER.get(file.folder());
        if (prefix != null && !file.name().startsWith(prefix)) {
            findings.add(1, "a topic in the folder %s begins with %s; rename it or move it", file.folder(), prefix);
        }
    }

    private static void topicIsId(YamlFile file, Findings findings) {
        for (YamlNode route : file.routes()) {
            String uri = route.text("from", "uri");
            if (uri != null && uri.startsWith("external-task:") && !uri.equals("external-task:" + file.name())) {
                findings.add(
                        route.get("from").orElseThrow(),
                        "the topic is not the file's name; write 'uri: external-task:%s'",
                        file.name());
            }
            if (uri != null && uri.startsWith("user-task:")) {
                String event = route.text("from", "parameters", "event");
                String key = "withdrawn".equals(event) ? file.name().replaceFirst("Withdrawn$", "") : file.name();
                if (!uri.equals("user-task:" + key)) {
                    findings.add(
                            route.get("from").orElseThrow(),
                            "the user task is not the file's name; write 'uri: user-task:%s'",
                            key);
                }
            }
        }
    }

    private static void fixture(YamlFile file, Findings findings) {
        Path fixture = TopicFolder.fixtureOf(file.path());
        if (!Files.exists(fixture)) {
            findings.add(1, "write %s beside it: a list of cases with name, given, then", fixture.getFileName());
        }
    }
}
