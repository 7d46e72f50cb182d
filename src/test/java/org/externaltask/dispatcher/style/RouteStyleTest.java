package org.externaltask.dispatcher.style;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.externaltask.dispatcher.fixtures.TopicFolder;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds every YAML file to every house rule; {@code -Detd.routes=/some/dir} holds topic files of your own to them. */
class RouteStyleTest {

    private static final Path MACHINERY = TopicFolder.BUNDLED.resolve("dispatcher");
    private static final Path COUNTER_EXAMPLES = Path.of("src/test/resources/style");

    private static final Path NAIVE = Path.of("src/test/resources/security/naive");

    private static final List<StyleRule> RULES = Stream.of(FileRules.ALL, StepRules.ALL, KameletRules.ALL)
            .flatMap(List::stream)
            .toList();

    @TestFactory
    Stream<DynamicContainer> every_file_keeps_every_rule() {
        List<YamlFile> files = files();
        return RULES.stream()
                .map(rule -> dynamicContainer(
                        rule.id(),
                        files.stream()
                                .filter(file -> rule.kinds().contains(file.kind()))
                                .filter(file -> !StyleExceptions.allows(rule, file))
                                .map(file -> dynamicTest(
                                        rule.id() + ": " + file.fileName(),
                                        () -> assertThat(rule.findings(file)).isEmpty()))));
    }

    @TestFactory
    Stream<DynamicTest> every_rule_refuses_its_counter_example() {
        return RULES.stream()
                .map(rule -> dynamicTest(rule.id() + " refuses its counter-example", () -> {
                    Path folder = COUNTER_EXAMPLES.resolve(rule.id());
                    assertThat(folder)
                            .as("the counter-example of rule %s", rule.id())
                            .isDirectory();
                    List<YamlFile> examples = YamlFile.in(folder);
                    assertThat(examples).isNotEmpty();
                    assertThat(examples).allSatisfy(example -> assertThat(rule.findings(example))
                            .as("what rule %s says about %s", rule.id(), example.path())
                            .isNotEmpty()
                            .allMatch(finding -> finding.contains("line ") && finding.contains("rule " + rule.id())));
                }));
    }

    @Test
    void every_exception_is_needed() {
        List<YamlFile> machinery = YamlFile.in(MACHINERY);
        StyleExceptions.BY_RULE.forEach((id, files) -> files.keySet().forEach(name -> {
            StyleRule rule = RULES.stream()
                    .filter(candidate -> candidate.id().equals(id))
                    .findFirst()
                    .orElseThrow();
            List<YamlFile> excepted = machinery.stream()
                    .filter(file -> file.fileName().equals(name))
                    .toList();
            assertThat(excepted)
                    .as("the file %s that is excepted from %s", name, id)
                    .hasSize(1);
            assertThat(rule.findings(excepted.get(0)))
                    .as("what rule %s says about %s, which is excepted from it", id, name)
                    .isNotEmpty();
        }));
    }

    @Test
    void every_counter_example_belongs_to_a_rule() {
        assertThat(COUNTER_EXAMPLES.toFile().list((folder, name) -> !name.equals("README.md")))
                .isNotEmpty()
                .isSubsetOf(RULES.stream().map(StyleRule::id).collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            value-in-address     | static-endpoints             | is chosen at run time, by data that others send
            value-in-address     | only-kamelets-leave          | goes past the kamelets
            header-names-address | only-kamelets-leave          | goes past the kamelets
            post                 | only-kamelets-leave          | goes past the kamelets
            template-json        | only-kamelets-leave          | goes past the kamelets
            two-calls            | only-kamelets-leave          | goes past the kamelets
            token-per-call       | no-secret-option             | looks like a secret
            token-per-call       | static-endpoints             | is chosen at run time, by data that others send
            publish              | only-kamelets-leave          | goes past the kamelets
            receive              | received-messages-are-parked | write 'routeConfigurationId: message-errors'
            receive-async        | received-messages-are-parked | write 'routeConfigurationId: message-errors'
            """)
    void a_naive_route_of_the_security_tests_is_refused(String name, String ruleId, String reason) {
        StyleRule broken = RULES.stream()
                .filter(rule -> rule.id().equals(ruleId))
                .findFirst()
                .orElseThrow();

        assertThat(broken.findings(YamlFile.of(NAIVE.resolve(name + ".camel.yaml"))))
                .anyMatch(finding -> finding.contains(reason));
    }

    private static List<YamlFile> files() {
        return Stream.of(
                        TopicFolder.underTest().topicFiles().stream().map(YamlFile::of),
                        YamlFile.in(MACHINERY).stream(),
                        YamlFile.in(Kamelets.FOLDER).stream())
                .flatMap(files -> files)
                .toList();
    }
}
