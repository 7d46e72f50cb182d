package org.externaltask.dispatcher.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.externaltask.dispatcher.externaltask.Subscription;
import org.externaltask.dispatcher.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FetchAnswerTest {

    private static final Subscription SUBSCRIPTION = TestSubscriptions.subscription("svc_A", 16);
    private static final FetchRequest REQUEST = new FetchRequest(
            "default",
            FetchLane.LONG_POLL,
            "worker-1",
            FetchRequest.byName(List.of(SUBSCRIPTION)),
            16,
            Duration.ofSeconds(20),
            true,
            null,
            1_000L);

    @Test
    void a_task_is_read_with_everything_that_a_route_may_want_to_know() throws Exception {
        assertThat(read("""
                        [{"id": "t-1", "topicName": "svc_A", "workerId": "worker-1", "businessKey": "B-1",
                          "processInstanceId": "pi-1", "executionId": "e-1", "processDefinitionKey": "order", "activityId": "a-1",
                          "retries": 2, "tenantId": "one", "extensionProperties": {"retry": "R3/PT5M"}, "priority": 5,
                          "variables": {"x": {"type": "String", "value": "y"}}}]""")).singleElement().satisfies(task -> {
            assertThat(task.id()).isEqualTo("t-1");
            assertThat(task.businessKey()).isEqualTo("B-1");
            assertThat(task.processInstanceId()).isEqualTo("pi-1");
            assertThat(task.processDefinitionKey()).isEqualTo("order");
            assertThat(task.activityId()).isEqualTo("a-1");
            assertThat(task.retries()).isEqualTo(2);
            assertThat(task.tenantId()).isEqualTo("one");
            assertThat(task.extensionProperties()).containsEntry("retry", "R3/PT5M");
            assertThat(task.subscription()).isEqualTo(SUBSCRIPTION);
            assertThat(task.leaseEndNanos())
                    .isEqualTo(1_000L + Duration.ofSeconds(30).toNanos());
        });
    }

    @Test
    void an_empty_list_brings_no_task() throws Exception {
        assertThat(read("[]")).isEmpty();
    }

    @Test
    void more_tasks_than_were_asked_for_are_left_to_the_end_of_their_locks() throws Exception {
        String tasks = IntStream.range(0, 10_000)
                .mapToObj(i -> "{\"id\": \"t-" + i + "\", \"topicName\": \"svc_A\"}")
                .collect(Collectors.joining(",", "[", "]"));

        assertThat(read(tasks)).hasSize(REQUEST.maxTasks());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"type": "RestException", "message": "boom", "code": 0} | a JSON object
                    42                                                      | a JSON number
                    ""                                                      | a JSON string
                    null                                                    | nothing
                    """)
    void an_answer_that_is_no_list_is_an_error_and_no_task(String answer, String found) {
        assertThatThrownBy(() -> read(answer))
                .isInstanceOf(MalformedFetchException.class)
                .hasMessage(
                        "engine default answered a fetch with " + found
                                + "; expected a list of tasks (does etd.engines.default.base-url point at the engine's REST API?)");
    }

    @Test
    void a_task_that_no_topic_asked_for_is_not_taken_for_one() throws Exception {
        assertThat(read("[{\"id\": \"t-1\", \"topicName\": \"svc_Other\"}, {\"id\": \"t-2\", \"topicName\": null}]"))
                .extracting(LockedTask::isAskedFor)
                .containsExactly(false, false);
    }

    @Test
    void a_task_that_is_locked_for_somebody_else_is_left_to_them() throws Exception {
        assertThat(read("[{\"id\": \"t-1\", \"topicName\": \"svc_A\", \"workerId\": \"worker-2\"}]"))
                .singleElement()
                .satisfies(task -> {
                    assertThat(task.isAskedFor()).isFalse();
                    assertThat(task.leaseEndNanos())
                            .as("no time to unlock it in")
                            .isEqualTo(1_000L);
                });
    }

    @Test
    void a_task_without_id_and_the_repeat_of_an_id_are_left_out() throws Exception {
        assertThat(read("""
                        [{"topicName": "svc_A"}, {"id": "", "topicName": "svc_A"}, 7, null,
                         {"id": "t-1", "topicName": "svc_A"}, {"id": "t-1", "topicName": "svc_A"}]""")).extracting(LockedTask::id).containsExactly("t-1");
    }

    @ParameterizedTest
    @CsvSource({"null, ", "0, 0", "-1, -1", "'\"3\"', ", "1.5, ", "9999999999, "})
    void retries_that_are_no_whole_number_count_as_none_so_far(String retries, Integer expected) throws Exception {
        assertThat(read("[{\"id\": \"t-1\", \"topicName\": \"svc_A\", \"retries\": " + retries + "}]"))
                .extracting(LockedTask::retries)
                .containsExactly(expected);
    }

    private static List<LockedTask> read(String json) throws Exception {
        JsonNode answer = Json.MAPPER.readTree(json.getBytes(StandardCharsets.UTF_8));
        return FetchAnswer.read(answer, REQUEST);
    }
}
