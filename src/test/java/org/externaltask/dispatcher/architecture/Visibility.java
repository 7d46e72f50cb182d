package org.externaltask.dispatcher.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;

/** Knows which classes may be public: those that another room uses, and those that something outside Java needs. */
final class Visibility {

    private static final String CALLED_FROM_YAML =
            "routes call its methods, and Camel calls only those of public classes";
    private static final String CONFIGURED_BY_CAMEL = "Camel sets its options by reflection";

    /** Class to reason. */
    private static final Map<String, String> NEEDED_OUTSIDE_JAVA = Map.ofEntries(
            Map.entry("DispatcherApplication", "Java starts it"),
            Map.entry("FetchLane", CALLED_FROM_YAML),
            Map.entry("FetchRequest", CALLED_FROM_YAML),
            Map.entry("Leases", CALLED_FROM_YAML),
            Map.entry("MessageErrors", CALLED_FROM_YAML),
            Map.entry("ReportErrors", CALLED_FROM_YAML),
            Map.entry("AwaitedReplies", CALLED_FROM_YAML),
            Map.entry("UserTaskQuery", CALLED_FROM_YAML),
            Map.entry("HttpPeerComponent", CONFIGURED_BY_CAMEL),
            Map.entry("KameletsWithTimeout", CONFIGURED_BY_CAMEL),
            Map.entry("PublishEndpoint", CONFIGURED_BY_CAMEL));

    private Visibility() {}

    static ArchCondition<JavaClass> bePublicOnlyWhenNeeded() {
        return new ArchCondition<>("be public only when another package, or something outside Java, needs it") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean exposed = type.getModifiers().contains(JavaModifier.PUBLIC);
                boolean used = type.getDirectDependenciesToSelf().stream()
                        .anyMatch(use -> !use.getOriginClass().getPackageName().equals(type.getPackageName()));
                boolean excepted = NEEDED_OUTSIDE_JAVA.containsKey(type.getSimpleName());
                if (exposed && !used && !excepted) {
                    events.add(SimpleConditionEvent.violated(
                            type,
                            type.getFullName() + " is public, but no other package uses it; make it package-private"));
                }
                if (excepted && (used || !exposed)) {
                    events.add(SimpleConditionEvent.violated(
                            type, type.getFullName() + " needs no exception any more; remove it from Visibility"));
                }
            }
        };
    }
}
