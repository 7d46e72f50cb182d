package org.externaltask.dispatcher.style;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A node of a YAML file that knows its place.
 *
 * @param key the key that it is the value of; an element of a list has the key of the list
 * @param text its text; null when it is a mapping or a list
 * @param line the line of its key, from 1
 */
record YamlNode(String key, String text, int line, YamlNode parent, boolean inList, List<YamlNode> children) {

    static YamlNode parse(String yaml) {
        Node root =
                new Compose(LoadSettings.builder().build()).composeString(yaml).orElseThrow();
        return of("", root, line(root), null, false);
    }

    /** Itself and everything below. */
    Stream<YamlNode> all() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(YamlNode::all));
    }

    /** All mappings and values with this key, wherever they are. */
    Stream<YamlNode> all(String wanted) {
        return all().filter(node -> !node.inList && node.key.equals(wanted));
    }

    Optional<YamlNode> get(String... path) {
        Optional<YamlNode> node = Optional.of(this);
        for (String step : path) {
            node = node.flatMap(parent -> parent.children.stream()
                    .filter(child -> !child.inList && child.key.equals(step))
                    .findFirst());
        }
        return node;
    }

    String text(String... path) {
        return get(path).map(YamlNode::text).orElse(null);
    }

    /** The child that a JSON pointer names, as far down as there is one. */
    YamlNode at(String pointer) {
        YamlNode node = this;
        for (String step : pointer.split("/", -1)) {
            for (int i = 0; i < node.children.size(); i++) {
                YamlNode child = node.children.get(i);
                if (child.inList ? step.equals(String.valueOf(i)) : step.equals(child.key)) {
                    node = child;
                    break;
                }
            }
        }
        return node;
    }

    private static YamlNode of(String key, Node node, int line, YamlNode parent, boolean inList) {
        List<YamlNode> children = new ArrayList<>();
        String text = node instanceof ScalarNode scalar ? scalar.getValue() : null;
        YamlNode made = new YamlNode(key, text, line, parent, inList, children);
        if (node instanceof MappingNode mapping) {
            for (NodeTuple field : mapping.getValue()) {
                String name = ((ScalarNode) field.getKeyNode()).getValue();
                children.add(of(name, field.getValueNode(), line(field.getKeyNode()), made, false));
            }
        } else if (node instanceof SequenceNode sequence) {
            sequence.getValue().forEach(element -> children.add(of(key, element, line(element), made, true)));
        }
        return made;
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    /** The place is enough for messages; the parent would print the whole file. */
    @Override
    public String toString() {
        return key + " in line " + line;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
