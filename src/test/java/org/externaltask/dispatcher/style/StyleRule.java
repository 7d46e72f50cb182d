package org.externaltask.dispatcher.style;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.externaltask.dispatcher.style.YamlFile.Kind;

/**
 * A house rule.
 *
 * @param id its name; a folder of this name in src/test/resources/style holds a file that breaks it
 */
record StyleRule(String id, Set<Kind> kinds, BiConsumer<YamlFile, Findings> check) {

    static StyleRule forTopics(String id, BiConsumer<YamlFile, Findings> check) {
        return new StyleRule(id, EnumSet.of(Kind.TOPIC), check);
    }

    static StyleRule forRoutes(String id, BiConsumer<YamlFile, Findings> check) {
        return new StyleRule(id, EnumSet.of(Kind.TOPIC, Kind.MACHINERY), check);
    }

    static StyleRule forKamelets(String id, BiConsumer<YamlFile, Findings> check) {
        return new StyleRule(id, EnumSet.of(Kind.KAMELET), check);
    }

    static StyleRule forAll(String id, BiConsumer<YamlFile, Findings> check) {
        return new StyleRule(id, EnumSet.allOf(Kind.class), check);
    }

    List<String> findings(YamlFile file) {
        Findings findings = new Findings(file, id, new ArrayList<>());
        if (kinds.contains(file.kind())) {
            check.accept(file, findings);
        }
        return findings.messages();
    }

    /** What breaks a rule: file, line, rule, and what to write instead. */
    record Findings(YamlFile file, String rule, List<String> messages) {

        void add(YamlNode at, String instead, Object... parts) {
            add(at.line(), instead, parts);
        }

        void add(int line, String instead, Object... parts) {
            messages.add("%s, line %d, rule %s: %s".formatted(file.path(), line, rule, instead.formatted(parts)));
        }
    }

    @Override
    public String toString() {
        return id;
    }
}
