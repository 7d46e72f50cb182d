package org.externaltask.dispatcher.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import org.apache.camel.RoutesBuilder;
import org.externaltask.dispatcher.DispatcherApplication;
import org.springframework.amqp.support.converter.SerializerMessageConverter;
import org.springframework.amqp.support.converter.SimpleMessageConverter;

@AnalyzeClasses(packagesOf = DispatcherApplication.class, importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule routes_are_yaml = noClasses()
            .should()
            .beAssignableTo(RoutesBuilder.class)
            .because("YAML says what goes where, and Java how a value is computed");

    @ArchTest
    static final ArchRule rooms_do_not_depend_on_each_other_in_circles =
            slices().matching("org.externaltask.dispatcher.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule rooms_depend_only_on_those_below = classes().should(Rooms.dependOnlyOnThoseBelow());

    @ArchTest
    static final ArchRule a_class_is_public_only_when_another_room_needs_it =
            classes().that().areTopLevelClasses().should(Visibility.bePublicOnlyWhenNeeded());

    @ArchTest
    static final ArchRule nothing_is_deserialized_as_java = noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.io.ObjectInputStream")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(SimpleMessageConverter.class, SerializerMessageConverter.class)
            .because("whoever sends a serialized object chooses which code runs");

    @ArchTest
    static final ArchRule leases_and_pauses_do_not_read_the_wall_clock = noClasses()
            .that()
            .resideInAnyPackage("..dispatcher.fetch..", "..dispatcher.outcome..", "..dispatcher.engine..")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethodWhere(target(owner(resideInAPackage("java.time..")))
                    .and(target(nameMatching("now|systemUTC|systemDefaultZone|millis|instant"))))
            .orShould()
            .callConstructor(Date.class)
            .because("the clock of this host or of the engine may be wrong or set right at any time;"
                    + " System.nanoTime() only ever goes on");

    @ArchTest
    static final ArchRule beans_get_what_they_need_by_their_constructors = NO_CLASSES_SHOULD_USE_FIELD_INJECTION;

    @ArchTest
    static final ArchRule logs_go_through_slf4j = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

    @ArchTest
    static final ArchRule nothing_is_printed = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("org.externaltask.dispatcher.broker.PrintDefinitions")
            .should(ACCESS_STANDARD_STREAMS)
            .because("only PrintDefinitions is asked to print something");

    @ArchTest
    static final ArchRule no_thread_sleeps = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("org.externaltask.dispatcher.broker.PatientDelivery")
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(TimeUnit.class, "sleep", long.class)
            .because("waiting is a condition or a timer; only PatientDelivery has nothing but time to wait for:"
                    + " it holds a message while the broker does not take it");
}
