package org.externaltask.dispatcher.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

@ExtendWith(OutputCaptureExtension.class)
class TopicFilesAtStartTest {

    @TempDir
    Path folder;

    @Test
    void all_broken_files_stop_start_up_with_one_message(CapturedOutput log) throws IOException {
        save("svc_Good", HotReloadTest.answering("svc_Good", "fine"));
        save(
                "svc_Option",
                HotReloadTest.answering("svc_Option", "x").replace("topic:svc_Option", "topic:svc_Option?retires=3"));
        save(
                "svc_Value",
                HotReloadTest.answering("svc_Value", "x")
                        .replace("topic:svc_Value", "topic:svc_Value?maxConcurrent=0"));
        save(
                "svc_Kamelet",
                HotReloadTest.calling("svc_Kamelet", "x").replace("prefix: x", "prefix: x\n              perfix: y"));
        save("svc_Missing", HotReloadTest.calling("svc_Missing", "x").replace("prefix:", "perfix:"));
        save("svc_Unknown", HotReloadTest.calling("svc_Unknown", "x").replace("call-stub", "call-nobody"));
        save("svc_Scheme", HotReloadTest.answering("svc_Scheme", "x").replace("topic:", "topci:"));
        save("svc_Second", HotReloadTest.answering("svc_Second", "x").replace("topic:svc_Second", "topic:svc_Good"));
        save(
                "svc_Errors",
                HotReloadTest.answering("svc_Errors", "x")
                        .replace("    from:", "    routeConfigurationId: none\n    from:"));
        save("svc_Jq", HotReloadTest.answering("svc_Jq", "'{ a: '").replace("constant:", "jq:"));
        Files.write(folder.resolve("svc_Latin.camel.yaml"), new byte[] {(byte) 0xE4, '\n'});

        assertThatThrownBy(() -> ReloadApplication.start(folder)).rootCause().isInstanceOf(TopicFilesUnusable.class);

        assertThat(log.toString())
                .contains("APPLICATION FAILED TO START")
                .contains("10 of 11 topic files in " + folder + " cannot be used:")
                .contains("Mend or remove the files named above")
                .doesNotContain("svc_Good.camel.yaml:");
        assertThat(reason(log, "svc_Option")).isEqualTo("topic://svc_Option has no option retires; check its spelling");
        assertThat(reason(log, "svc_Value")).contains("maxConcurrent of topic svc_Value is 0; write 1 or more");
        assertThat(reason(log, "svc_Kamelet")).contains("call-stub has no parameter perfix; it has prefix");
        assertThat(reason(log, "svc_Missing"))
                .contains("kamelet:call-stub")
                .contains("mandatory")
                .endsWith("prefix");
        assertThat(reason(log, "svc_Unknown")).contains("kamelet:call-nobody").contains("not found");
        assertThat(reason(log, "svc_Scheme"))
                .isEqualTo("nothing is known under topci://svc_Scheme; check its spelling");
        assertThat(reason(log, "svc_Second")).contains("svc_Good.camel.yaml already has topic:svc_Good");
        assertThat(reason(log, "svc_Errors")).contains("no routeConfigurationId none; write one of message-errors");
        assertThat(reason(log, "svc_Jq")).isEqualTo("Transform[jq{{ a: }]: Encountered \"<EOF>\" at line 1, column 4.");
        assertThat(reason(log, "svc_Latin")).contains("not UTF-8");
    }

    @Test
    void what_would_fail_with_the_first_task_stops_start_up(CapturedOutput log) throws IOException {
        save("svc_Good", HotReloadTest.answering("svc_Good", "fine"));
        save("svc_Anchor", HotReloadTest.answering("svc_Anchor", "&text fine"));
        save("svc_Nowhere", sending("svc_Nowhere", "direct:nowhere"));
        save("svc_Machinery", sending("svc_Machinery", "direct:echo"));
        save("svc_Neighbour", sending("svc_Neighbour", "direct:helper"));
        save("helper", HotReloadTest.answering("helper", "help").replace("topic:helper", "direct:helper"));
        save("svc_Environment", HotReloadTest.calling("svc_Environment", "'{{env:ETD_TEST_NOT_SET}}'"));
        save("svc_Placeholder", HotReloadTest.calling("svc_Placeholder", "'{{not.set}}'"));
        save("svc_JsonPath", HotReloadTest.answering("svc_JsonPath", "'$.[?('").replace("constant:", "jsonpath:"));
        save("svc_Choice", choosing("svc_Choice", "$.."));
        save("svc_Fine", choosing("svc_Fine", "$.lines[?(@.amount > 5)]"));
        save("svc_Simple", choosing("svc_Simple", "$.[?(@.name == '${header.name}')"));
        save("svc_Tab", "- route:\n\tid: svc_Tab\n");
        Files.createDirectory(folder.resolve("other"));
        save("other/svc_Good", HotReloadTest.answering("svc_Good", "twice"));

        assertThatThrownBy(() -> ReloadApplication.start(folder)).rootCause().isInstanceOf(TopicFilesUnusable.class);

        assertThat(log.toString())
                .contains("7 of 14 topic files in " + folder + " cannot be used:")
                .doesNotContain("svc_Anchor.camel.yaml:", "svc_Machinery.camel.yaml:", "svc_Neighbour.camel.yaml:")
                .doesNotContain("svc_Fine.camel.yaml:", "svc_Simple.camel.yaml:");
        assertThat(reason(log, "svc_Nowhere")).isEqualTo("no route starts from direct:nowhere; check its spelling");
        assertThat(reason(log, "svc_Environment")).contains("ETD_TEST_NOT_SET");
        assertThat(reason(log, "svc_Placeholder")).contains("not.set");
        assertThat(reason(log, "svc_JsonPath"))
                .startsWith("the jsonpath $.[?( cannot be read: Could not parse token starting at position 2");
        assertThat(reason(log, "svc_Choice")).startsWith("the jsonpath $.. cannot be read: Path must not end with");
        assertThat(reason(log, "svc_Tab")).contains("(TAB)", "indent with spaces");
        assertThat(reason(log, "svc_Good")).contains("already has the id svc_Good; keep one of the two files");
    }

    @Test
    void of_many_topic_files_each_is_compared_with_all_others(CapturedOutput log) throws IOException {
        for (int i = 100; i < 220; i++) {
            save("svc_T" + i, HotReloadTest.answering("svc_T" + i, "fine"));
        }
        save("svc_Z", HotReloadTest.answering("svc_Z", "fine").replace("topic:svc_Z", "topic:svc_T100"));
        save("svc_Y", sending("svc_Y", "direct:helper"));
        save("a_helper", HotReloadTest.answering("a_helper", "help").replace("topic:a_helper", "direct:helper"));

        assertThatThrownBy(() -> ReloadApplication.start(folder)).rootCause().isInstanceOf(TopicFilesUnusable.class);

        assertThat(log.toString()).contains("1 of 123 topic files in " + folder + " cannot be used:");
        assertThat(reason(log, "svc_Z")).contains("svc_T100.camel.yaml already has topic:svc_T100");
    }

    @Test
    void a_folder_that_does_not_exist_stops_start_up(CapturedOutput log) {
        assertThatThrownBy(() -> ReloadApplication.start(folder.resolve("nowhere")));

        assertThat(log.toString())
                .contains("The topic folder " + folder.resolve("nowhere") + " does not exist (etd.routes).")
                .contains("Set etd.routes (ETD_ROUTES)");
    }

    @Test
    void a_folder_on_the_classpath_that_does_not_exist_stops_start_up(CapturedOutput log) {
        assertThatThrownBy(() -> ReloadApplication.start("classpath:nowhere"));

        assertThat(log.toString()).contains("The topic folder classpath:nowhere does not exist (etd.routes).");
    }

    @Test
    void an_empty_folder_is_fine() {
        try (ConfigurableApplicationContext application = ReloadApplication.start(folder)) {
            assertThat(application.getBean(TopicRoutes.class).status().atWork()).isZero();
        }
    }

    @Test
    void topic_files_come_from_the_classpath_and_the_machinery_among_them_is_passed_over(CapturedOutput log) {
        try (ConfigurableApplicationContext application =
                ReloadApplication.start("classpath:reload/routes", "--etd.reload.enabled=true")) {
            assertThat(application.getBean(CamelContext.class).getRoutes())
                    .extracting(Route::getRouteId)
                    .containsExactlyInAnyOrder("echo", "svc_OnTheClasspath");
            assertThat(log).contains("etd.reload.enabled is without effect: classpath:reload/routes is not a folder");
        }
    }

    @Test
    void a_topic_file_cannot_take_the_id_of_the_machinery(CapturedOutput log) throws IOException {
        save("machine", HotReloadTest.answering("machine", "x"));

        assertThatThrownBy(() -> ReloadApplication.start(
                folder,
                "--camel.main.routes-include-pattern=classpath:reload/machinery.camel.yaml,"
                        + "classpath:reload/routes/dispatcher/machine.camel.yaml"));

        assertThat(reason(log, "machine")).contains("the id machine belongs to the dispatcher's own route");
    }

    @Test
    void trying_files_out_leaves_the_live_components_with_the_live_context() throws IOException {
        save("svc_A", HotReloadTest.calling("svc_A", "x"));
        try (ConfigurableApplicationContext application = ReloadApplication.start(folder)) {
            CamelContext live = application.getBean(CamelContext.class);

            assertThat(live.getComponent("topic", TopicComponent.class))
                    .isSameAs(application.getBean(TopicComponent.class))
                    .extracting(TopicComponent::getCamelContext)
                    .isSameAs(live);
            assertThat(application.getBean(TopicComponent.class).topics()).containsExactly("svc_A");
        }
    }

    @Test
    void a_file_that_receives_messages_is_checked_without_a_broker() throws IOException {
        save("msg_Received", """
                - route:
                    id: msg_Received
                    routeConfigurationId: message-errors
                    from:
                      uri: spring-rabbitmq:default
                      parameters:
                        queues: received
                      steps:
                        - to:
                            uri: direct:echo
                """);
        try (ConfigurableApplicationContext application =
                ReloadApplication.start(folder, "--spring.rabbitmq.port=1", "--spring.rabbitmq.host=127.0.0.1")) {
            assertThat(application.getBean(TopicRoutes.class).status().atWork()).isEqualTo(1);
        }
    }

    private static String sending(String topic, String uri) {
        return """
                - route:
                    id: %1$s
                    from:
                      uri: topic:%1$s
                      steps:
                        - to:
                            uri: %2$s
                """.formatted(topic, uri);
    }

    private static String choosing(String topic, String jsonPath) {
        return """
                - route:
                    id: %1$s
                    from:
                      uri: topic:%1$s
                      steps:
                        - choice:
                            when:
                              - expression:
                                  jsonpath:
                                    expression: "%2$s"
                                steps:
                                  - to:
                                      uri: direct:echo
                """.formatted(topic, jsonPath);
    }

    private void save(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name + ".camel.yaml"), content);
    }

    private String reason(CapturedOutput log, String name) {
        String prefix = "  " + folder.resolve(name + ".camel.yaml") + ": ";
        return log.toString()
                .lines()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing is said about " + name));
    }
}
