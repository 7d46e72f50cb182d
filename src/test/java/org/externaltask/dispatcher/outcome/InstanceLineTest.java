package org.externaltask.dispatcher.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class InstanceLineTest {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final InstanceLine line = new InstanceLine(Runnable::run);
    private final List<String> turns = new ArrayList<>();

    @Test
    void results_of_one_process_instance_take_turns_in_the_order_they_came() {
        Exchange first = enter("default", "A", "first");
        Exchange second = enter("default", "A", "second");
        enter("default", "A", "third");
        assertThat(turns).containsExactly("first");

        line.leave(first);
        assertThat(turns).containsExactly("first", "second");

        line.leave(second);
        assertThat(turns).containsExactly("first", "second", "third");
    }

    @Test
    void results_of_other_process_instances_and_engines_wait_for_nobody() {
        enter("default", "A", "one");
        enter("default", "B", "another instance");
        enter("other", "A", "another engine");

        assertThat(turns).containsExactly("one", "another instance", "another engine");
    }

    @Test
    void who_leaves_twice_takes_no_turn_of_others() {
        Exchange first = enter("default", "A", "first");
        enter("default", "A", "second");
        enter("default", "A", "third");

        line.leave(first);
        line.leave(first);

        assertThat(turns).containsExactly("first", "second");
    }

    @Test
    void a_line_that_everybody_has_left_is_free_again() {
        line.leave(enter("default", "A", "first"));

        enter("default", "A", "second");

        assertThat(turns).containsExactly("first", "second");
    }

    @Test
    void a_reply_waits_behind_the_results_of_the_process_instance_that_it_names_and_no_other_reply_waits() {
        Exchange first = enter("default", "A", "first");
        Exchange reply = reply("default", "A");
        Exchange unnamed = reply("default", null);

        line.process(reply, doneSync -> turns.add("reply"));
        line.process(unnamed, doneSync -> turns.add("reply to whomever"));
        assertThat(turns).containsExactly("first", "reply to whomever");

        line.leave(first);
        assertThat(turns).endsWith("reply");
    }

    private Exchange reply(String engine, String processInstance) {
        Exchange exchange = new DefaultExchange(context);
        exchange.setProperty("etdEngine", engine);
        exchange.getMessage().setHeader("etd-process-instance-id", processInstance);
        return exchange;
    }

    private Exchange enter(String engine, String processInstance, String name) {
        Exchange exchange = new DefaultExchange(context);
        line.enter(engine, processInstance, exchange, doneSync -> turns.add(name));
        return exchange;
    }
}
