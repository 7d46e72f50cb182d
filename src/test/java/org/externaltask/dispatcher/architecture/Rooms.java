package org.externaltask.dispatcher.architecture;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.Set;
import org.externaltask.dispatcher.DispatcherApplication;

/** The rooms of the house (packages), and which may know which. Whoever opens a new one enters it here. */
final class Rooms {

    private static final String HOUSE = DispatcherApplication.class.getPackageName();

    private static final Map<String, Set<String>> BELOW = Map.ofEntries(
            // the ground: they know nobody
            Map.entry("configuration", Set.of()),
            Map.entry("failure", Set.of()),
            Map.entry("json", Set.of()),
            Map.entry("meters", Set.of()),
            Map.entry("trace", Set.of()),
            // the lines to the outside
            Map.entry(
                    "circuit",
                    Set.of("configuration", "failure", "meters")), // asked before each call, and by the fetch
            Map.entry("http", Set.of("configuration", "failure", "json", "meters", "trace", "circuit")),
            Map.entry("engine", Set.of("configuration", "failure", "json", "meters", "http")),
            Map.entry("gateway", Set.of("configuration", "failure", "json", "http")),
            // whether a message waits, is parked or stops its queue depends on what the engine or a gateway said
            Map.entry(
                    "broker",
                    Set.of("configuration", "failure", "json", "meters", "trace", "circuit", "http", "engine")),
            // the way of a task
            Map.entry("externaltask", Set.of("configuration", "json", "engine", "circuit")),
            Map.entry(
                    "fetch",
                    Set.of(
                            "configuration",
                            "failure",
                            "json",
                            "meters",
                            "trace",
                            "http",
                            "engine",
                            "externaltask",
                            "circuit")),
            Map.entry(
                    "outcome",
                    Set.of(
                            "configuration",
                            "failure",
                            "json",
                            "meters",
                            "http",
                            "broker",
                            "engine",
                            "externaltask",
                            "fetch",
                            "circuit")),
            Map.entry( // its tasks have no lock, so it shares nothing with fetch and outcome
                    "usertask",
                    Set.of("configuration", "failure", "json", "http", "broker", "engine", "externaltask", "circuit")),
            // what watches over the others
            Map.entry("reload", Set.of("configuration")),
            Map.entry(
                    "security", Set.of("configuration")), // it guards addresses, and need not know what is behind them
            Map.entry(
                    "operations",
                    Set.of(
                            "configuration",
                            "meters",
                            "engine",
                            "externaltask",
                            "fetch",
                            "outcome",
                            "broker",
                            "http",
                            "reload",
                            "usertask",
                            "circuit")));

    private Rooms() {}

    static ArchCondition<JavaClass> dependOnlyOnThoseBelow() {
        return new ArchCondition<>("depend only on the rooms below their own") {
            @Override
            public void check(JavaClass inside, ConditionEvents events) {
                String room = room(inside);
                if (!room.isEmpty() && !BELOW.containsKey(room)) {
                    events.add(SimpleConditionEvent.violated(
                            inside,
                            inside.getFullName() + ": the room '" + room + "' is not in Rooms; say what it may know"));
                    return;
                }
                for (Dependency dependency : inside.getDirectDependenciesFromSelf()) {
                    String other = room(dependency.getTargetClass());
                    if (!other.isEmpty()
                            && !other.equals(room)
                            && !BELOW.getOrDefault(room, Set.of()).contains(other)) {
                        events.add(SimpleConditionEvent.violated(
                                dependency,
                                "the room '" + room + "' must not know '" + other + "': "
                                        + dependency.getDescription()));
                    }
                }
            }
        };
    }

    /** The package below the root; nothing for the root itself and for what is not ours. */
    static String room(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith(HOUSE + ".") ? name.substring(HOUSE.length() + 1).replaceFirst("\\..*", "") : "";
    }
}
