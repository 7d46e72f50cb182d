package org.externaltask.dispatcher.style;

import java.util.Map;

/** The files of the machinery that must break a rule, and why. */
final class StyleExceptions {

    private static final String ENGINE_OF_TASK =
            "the engine is the one that the task came from: a name out of the configuration, never data";

    private static final String ENGINE_OF_TOPIC =
            "engine and topic are those that a route has subscribed to, looked up before the route is called";

    private static final String ENGINE_OF_KAMELET = "the engine is a parameter of the kamelet, fixed in the topic file";

    /** Rule to file to reason. */
    static final Map<String, Map<String, String>> BY_RULE = Map.of(
            "one-definition-a-file",
            Map.of(
                    "fetch-and-lock.camel.yaml",
                    "every configured engine gets two routes of it, so it is a template",
                    "poll-user-tasks.camel.yaml",
                    "every configured engine gets a route of it, so it is a template"),
            "file-name-is-id",
            Map.of("topic-routes.camel.yaml", "only a configuration without an id applies to routes that name none"),
            "static-endpoints",
            Map.ofEntries(
                    Map.entry("correlate-message.camel.yaml", ENGINE_OF_KAMELET),
                    Map.entry("reply-to-task.camel.yaml", ENGINE_OF_KAMELET),
                    Map.entry("download-variable.camel.yaml", ENGINE_OF_TASK),
                    Map.entry("set-retries.camel.yaml", ENGINE_OF_KAMELET),
                    Map.entry("throw-signal.camel.yaml", ENGINE_OF_KAMELET),
                    Map.entry(
                            "hand-out-user-task.camel.yaml",
                            "engine and user task are those that a route has subscribed to"),
                    Map.entry(
                            "withdraw-user-task.camel.yaml",
                            "engine and user task are those that a route has subscribed to"),
                    Map.entry("reply-to-user-task.camel.yaml", ENGINE_OF_KAMELET),
                    Map.entry("complete-other-task.camel.yaml", ENGINE_OF_KAMELET),
                    Map.entry("start-process.camel.yaml", ENGINE_OF_KAMELET),
                    Map.entry("look-up-instance.camel.yaml", ENGINE_OF_KAMELET),
                    Map.entry(
                            "probe-engine.camel.yaml",
                            "the engine is one whose call has failed, so a name out of the configuration"),
                    Map.entry("count-incidents.camel.yaml", ENGINE_OF_TOPIC),
                    Map.entry("find-tasks.camel.yaml", ENGINE_OF_TOPIC),
                    Map.entry("replay-incidents.camel.yaml", ENGINE_OF_TOPIC),
                    Map.entry("list-incidents.camel.yaml", ENGINE_OF_TOPIC),
                    Map.entry("unlock-for-operator.camel.yaml", ENGINE_OF_TOPIC)));

    private StyleExceptions() {}

    static boolean allows(StyleRule rule, YamlFile file) {
        return file.kind() == YamlFile.Kind.MACHINERY
                && BY_RULE.getOrDefault(rule.id(), Map.of()).containsKey(file.fileName());
    }
}
