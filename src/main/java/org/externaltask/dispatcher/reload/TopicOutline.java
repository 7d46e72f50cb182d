package org.externaltask.dispatcher.reload;

import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * What a topic file says about itself before Camel reads it.
 *
 * @param consumes what its route consumes from: scheme, path, and engine, event or queues, which only one topic file may have
 * @param routeConfigurationId the error clauses that it asks for; null when it names none
 */
record TopicOutline(String consumes, String routeConfigurationId) {

    private static final LoadSettings SETTINGS = LoadSettings.builder().build();
    private static final String ONE_ROUTE = "a topic file holds one '- route:' and nothing else";

    static TopicOutline of(TopicFile file) throws BrokenTopicFile {
        MappingNode route = route(root(file.content()));
        String id = text(route, "id")
                .orElseThrow(() -> new BrokenTopicFile(
                        route.getStartMark(), "the route has no id; write id: " + file.name() + ", the file's name"));
        if (!id.equals(file.name())) {
            throw new BrokenTopicFile(
                    value(route, "id").flatMap(Node::getStartMark),
                    "the route's id is " + id + " but the file is named " + file.name()
                            + "; give both the same name, so that a topic is found by its file");
        }
        Node from = value(route, "from")
                .orElseThrow(() -> new BrokenTopicFile(
                        route.getStartMark(),
                        "the route has no from; write where it starts, for a topic from:" + " {uri: external-task:"
                                + file.name() + "}"));
        String uri = text(from, "uri")
                .orElseThrow(() -> new BrokenTopicFile(from.getStartMark(), "from has no uri; write what it consumes"));
        TopicOutline outline = new TopicOutline(
                consumes(uri, from), text(route, "routeConfigurationId").orElse(null));
        if (uri.startsWith("spring-rabbitmq:") && !"message-errors".equals(outline.routeConfigurationId)) {
            throw new BrokenTopicFile(
                    route.getStartMark(),
                    "a route that receives messages needs routeConfigurationId: message-errors, otherwise a message that"
                            + " fails is lost; write it beside id");
        }
        return outline;
    }

    private static Node root(String content) throws BrokenTopicFile {
        if (content == null) {
            throw new BrokenTopicFile("the file cannot be read; let the dispatcher's user read it");
        }
        if (content.indexOf('\uFFFD') >= 0) {
            throw new BrokenTopicFile("the file is not UTF-8; save it as UTF-8");
        }
        try {
            return new Compose(SETTINGS)
                    .composeString(content)
                    .orElseThrow(() -> new BrokenTopicFile("the file is empty; " + ONE_ROUTE));
        } catch (YamlEngineException e) {
            throw BrokenTopicFile.because(e);
        }
    }

    private static MappingNode route(Node root) throws BrokenTopicFile {
        if (!(root instanceof SequenceNode sequence)) {
            throw new BrokenTopicFile(root.getStartMark(), "the file is not a list; " + ONE_ROUTE);
        }
        List<Node> items = sequence.getValue();
        for (Node item : items) {
            List<String> keys = item instanceof MappingNode mapping
                    ? mapping.getValue().stream()
                            .map(t -> scalar(t.getKeyNode()).orElse("?"))
                            .toList()
                    : List.of();
            if (!keys.equals(List.of("route"))) {
                throw new BrokenTopicFile(
                        item.getStartMark(), "found " + String.join(", ", keys) + " at the top; " + ONE_ROUTE);
            }
        }
        if (items.size() != 1) {
            throw new BrokenTopicFile(
                    root.getStartMark(),
                    "found " + items.size() + " routes; " + ONE_ROUTE + ", so put each into a file of its own");
        }
        Node route = value(items.get(0), "route").orElseThrow();
        if (route instanceof MappingNode mapping) {
            return mapping;
        }
        throw new BrokenTopicFile(route.getStartMark(), "the route is empty; write its id and its from");
    }

    private static String consumes(String uri, Node from) {
        String address = uri.replaceFirst("\\?.*", "").replaceFirst("^([a-z-]+):/*", "$1:");
        if (address.startsWith("external-task:")) {
            return address + " of engine " + option("engine", uri, from).orElse("default");
        }
        if (address.startsWith("user-task:")) {
            return address + " " + option("event", uri, from).orElse("created") + " of engine "
                    + option("engine", uri, from).orElse("default");
        }
        return address
                + option("queues", uri, from)
                        .map(queues -> " with queues " + queues)
                        .orElse("");
    }

    /** An option of the endpoint, from {@code parameters} or from the uri itself. */
    private static Optional<String> option(String name, String uri, Node from) {
        return value(from, "parameters")
                .flatMap(parameters -> text(parameters, name))
                .or(() -> Optional.of(uri)
                        .filter(u -> u.matches(".*[?&]" + name + "=.*"))
                        .map(u -> u.replaceFirst(".*[?&]" + name + "=([^&]*).*", "$1")));
    }

    private static Optional<String> text(Node node, String key) {
        return value(node, key).flatMap(TopicOutline::scalar).filter(text -> !text.isBlank());
    }

    private static Optional<Node> value(Node node, String key) {
        return node instanceof MappingNode mapping
                ? mapping.getValue().stream()
                        .filter(tuple ->
                                scalar(tuple.getKeyNode()).filter(key::equals).isPresent())
                        .map(NodeTuple::getValueNode)
                        .findFirst()
                : Optional.empty();
    }

    private static Optional<String> scalar(Node node) {
        return node instanceof ScalarNode scalar ? Optional.of(scalar.getValue()) : Optional.empty();
    }
}
