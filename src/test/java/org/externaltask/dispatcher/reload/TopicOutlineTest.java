package org.externaltask.dispatcher.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TopicOutlineTest {

    @Test
    void routes_that_receive_from_different_queues_of_one_exchange_are_no_rivals() throws Exception {
        String first = "- route: {id: svc_X, routeConfigurationId: message-errors, from: {uri: spring-rabbitmq:orders,"
                + " parameters: {queues: received}}}";

        assertThat(TopicOutline.of(file(first)).consumes())
                .isNotEqualTo(TopicOutline.of(file(first.replace("received", "cancelled")))
                        .consumes());
    }

    @Test
    void an_asterisk_without_quotes_says_to_quote_it() {
        assertThatThrownBy(() -> TopicOutline.of(file("- route:\n    variables: *\n")))
                .hasMessageContaining("put the value into quotes, for example variables: \"*\"");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void a_broken_file_says_where_what_and_what_to_do(String title, String content, String reason) {
        assertThatThrownBy(() -> TopicOutline.of(file(content)))
                .isInstanceOf(BrokenTopicFile.class)
                .hasMessageStartingWith(reason);
    }

    static Stream<Arguments> a_broken_file_says_where_what_and_what_to_do() {
        return Stream.of(
                arguments("empty", "", "the file is empty; a topic file holds one '- route:' and nothing else"),
                arguments("only a comment", "# later\n", "the file is empty;"),
                arguments("unreadable", null, "the file cannot be read; let the dispatcher's user read it"),
                arguments("a tab", "- route:\n\tid: svc_X\n", "line 2, column 1: found character '\\t(TAB)'"),
                arguments("an open bracket", "- route: {id: svc_X", "line 1, column 20: "),
                arguments("a map", "route:\n  id: svc_X\n", "line 1, column 1: the file is not a list;"),
                arguments("another item", "- beans: []\n", "line 1, column 3: found beans at the top;"),
                arguments("a bare from", "- from: {uri: topic:x}\n", "line 1, column 3: found from at the top;"),
                arguments("no item", "[]", "line 1, column 1: found 0 routes;"),
                arguments(
                        "two routes",
                        "- route: {id: svc_X, from: {uri: topic:x}}\n- route: {id: svc_Y}\n",
                        "line 1, column 1: found 2 routes; a topic file holds one '- route:' and nothing else, so put"
                                + " each into a file of its own"),
                arguments("nothing in it", "- route:\n", "line 1, column 9: the route is empty;"),
                arguments(
                        "no id",
                        "- route:\n    from: {uri: topic:x}\n",
                        "line 2, column 5: the route has no id; write id: svc_X, the file's name"),
                arguments(
                        "another id",
                        "- route:\n    id: svc_Y\n",
                        "line 2, column 9: the route's id is svc_Y but the file is named svc_X; give both the same"),
                arguments("no from", "- route:\n    id: svc_X\n", "line 2, column 5: the route has no from;"),
                arguments(
                        "no uri",
                        "- route:\n    id: svc_X\n    from: {steps: []}\n",
                        "line 3, column 11: from has no uri;"),
                arguments(
                        "a receiving route without error clauses",
                        "- route:\n    id: svc_X\n    from: {uri: 'spring-rabbitmq:default?queues=x'}\n",
                        "line 2, column 5: a route that receives messages needs routeConfigurationId: message-errors"));
    }

    @Test
    void a_topic_is_known_by_its_engine() throws BrokenTopicFile {
        assertThat(consumes("{uri: external-task:svc_X, parameters: {variables: a}}"))
                .isEqualTo(consumes("{uri: 'external-task://svc_X?engine=default'}"))
                .isNotEqualTo(consumes("{uri: external-task:svc_X, parameters: {engine: other}}"))
                .isNotEqualTo(consumes("{uri: 'external-task:svc_X?variables=a&engine=other'}"));
    }

    private static String consumes(String from) throws BrokenTopicFile {
        return TopicOutline.of(file("- route:\n    id: svc_X\n    from: " + from + "\n"))
                .consumes();
    }

    private static TopicFile file(String content) {
        return new TopicFile("file:/routes/svc_X.camel.yaml", content);
    }
}
