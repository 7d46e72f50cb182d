package org.externaltask.dispatcher.operations.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.externaltask.dispatcher.broker.ParkedMessages;
import org.junit.jupiter.api.Test;

/** The examples of docs/operations-api.md have the fields of the answers, in their order. */
class OperationsApiDocumentTest {

    private static final Pattern EXAMPLE = Pattern.compile(
            "^\\$ curl( -X POST)?[^\\n]* localhost:8090/actuator/etd(\\S*)$\\R([\\[{][\\s\\S]*?)^```$",
            Pattern.MULTILINE);

    /** What answers which address. */
    private static final Map<String, Class<?>> ANSWERS = Map.ofEntries(
            Map.entry("GET ", Overview.class),
            Map.entry("GET /events", TopicsView.Event.class),
            Map.entry("GET /incidents", Incidents.Listed.class),
            Map.entry("GET /locked", LockedTasks.Locked.class),
            Map.entry("GET /parked", ParkedMessages.Listed.class),
            Map.entry("POST /pause", Actions.Done.class),
            Map.entry("POST /resume", Actions.Done.class),
            Map.entry("POST /replay", Actions.Done.class),
            Map.entry("POST /unlock", Actions.Done.class),
            Map.entry("POST /redrive", Actions.Done.class),
            Map.entry("POST /discard", Actions.Done.class));

    @Test
    void every_answer_is_documented_with_its_fields_and_no_other() throws IOException {
        List<String> documented = new ArrayList<>();
        Matcher example = EXAMPLE.matcher(Files.readString(Path.of("docs/operations-api.md")));
        while (example.find()) {
            String address = (example.group(1) == null ? "GET " : "POST ")
                    + example.group(2).replaceFirst(".*/", "/");
            documented.add(address);
            check(new ObjectMapper().readTree(example.group(3)), ANSWERS.get(address), address);
        }

        assertThat(documented).containsExactlyInAnyOrderElementsOf(ANSWERS.keySet());
    }

    private static void check(JsonNode json, Type type, String where) {
        if (json.isArray()) {
            Type item = type instanceof ParameterizedType list ? list.getActualTypeArguments()[0] : type;
            assertThat(json).as(where).isNotEmpty();
            json.forEach(one -> check(one, item, where));
        } else if (json.isObject() && type instanceof Class<?> answer && answer.isRecord()) {
            List<RecordComponent> fields =
                    Stream.of(answer.getRecordComponents()).toList();
            assertThat(json.fieldNames())
                    .toIterable()
                    .as(where)
                    .containsExactlyElementsOf(
                            fields.stream().map(RecordComponent::getName).toList());
            fields.forEach(
                    field -> check(json.path(field.getName()), field.getGenericType(), where + " " + field.getName()));
        }
    }
}
