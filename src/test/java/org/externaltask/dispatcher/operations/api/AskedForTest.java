package org.externaltask.dispatcher.operations.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;
import org.externaltask.dispatcher.externaltask.Subscription.Filter;
import org.junit.jupiter.api.Test;

class AskedForTest {

    private final JsonNode task = new ObjectMapper()
            .createObjectNode()
            .put("processInstanceId", "i-1")
            .put("processDefinitionKey", "orders")
            .put("processDefinitionId", "orders:3:77")
            .put("processDefinitionVersionTag", "2026-11")
            .put("businessKey", "O-1")
            .put("tenantId", "acme");
    private final JsonNode nobodys = new ObjectMapper()
            .createObjectNode()
            .put("processInstanceId", "i-2")
            .put("processDefinitionKey", "orders")
            .putNull("processDefinitionVersionTag")
            .putNull("businessKey")
            .putNull("tenantId");

    @Test
    void without_a_filter_everything_is_asked_for() {
        AskedFor askedFor = filter(List.of(), List.of(), null, List.of(), false, null, Map.of());

        assertThat(askedFor.everything()).isTrue();
        assertThat(askedFor.includes(task)).isTrue();
        assertThat(askedFor.includes(nobodys)).isTrue();
    }

    @Test
    void each_condition_takes_some_and_leaves_the_others() {
        assertThat(List.of(
                        filter(List.of("returns", "orders"), List.of(), null, List.of(), false, null, Map.of()),
                        filter(List.of(), List.of("orders:3:77"), null, List.of(), false, null, Map.of()),
                        filter(List.of(), List.of(), "2026-11", List.of(), false, null, Map.of()),
                        filter(List.of(), List.of(), null, List.of("globex", "acme"), false, null, Map.of()),
                        filter(List.of(), List.of(), null, List.of(), false, "O-1", Map.of())))
                .allMatch(askedFor -> askedFor.includes(task))
                .noneMatch(AskedFor::everything)
                .noneMatch(AskedFor::byVariables);
        assertThat(List.of(
                        filter(List.of("returns"), List.of(), null, List.of(), false, null, Map.of()),
                        filter(List.of(), List.of("orders:2:66"), null, List.of(), false, null, Map.of()),
                        filter(List.of(), List.of(), "2026-10", List.of(), false, null, Map.of()),
                        filter(List.of(), List.of(), null, List.of("globex"), false, null, Map.of()),
                        filter(List.of(), List.of(), null, List.of(), true, null, Map.of()),
                        filter(List.of(), List.of(), null, List.of(), false, "O-2", Map.of())))
                .noneMatch(askedFor -> askedFor.includes(task))
                .noneMatch(AskedFor::everything);
    }

    @Test
    void a_task_of_no_tenant_is_asked_for_without_tenant_id_and_by_no_list_of_tenants() {
        assertThat(filter(List.of(), List.of(), null, List.of(), true, null, Map.of())
                        .includes(nobodys))
                .isTrue();
        assertThat(filter(List.of(), List.of(), null, List.of("acme"), false, null, Map.of())
                        .includes(nobodys))
                .isFalse();
    }

    @Test
    void by_variables_each_instance_is_asked_for_once_with_the_values_as_they_are() throws Exception {
        AskedFor askedFor = filter(
                List.of(),
                List.of(),
                null,
                List.of(),
                false,
                null,
                Map.of("priority", IntNode.valueOf(1), "region", TextNode.valueOf("US")));

        ObjectNode query = askedFor.instancesOf(List.of(task, nobodys, task));

        assertThat(askedFor.byVariables()).isTrue();
        assertThat(askedFor.everything()).isFalse();
        assertThat(query.path("processInstanceIds").toString()).isEqualTo("[\"i-1\",\"i-2\"]");
        assertThat(query.path("variables"))
                .containsExactlyInAnyOrder(
                        json("{\"name\": \"priority\", \"operator\": \"eq\", \"value\": 1}"),
                        json("{\"name\": \"region\", \"operator\": \"eq\", \"value\": \"US\"}"));
    }

    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text);
    }

    private static AskedFor filter(
            List<String> keys,
            List<String> ids,
            String versionTag,
            List<String> tenants,
            boolean withoutTenant,
            String businessKey,
            Map<String, JsonNode> variables) {
        return new AskedFor(new Filter(keys, ids, versionTag, tenants, withoutTenant, businessKey, variables, false));
    }
}
