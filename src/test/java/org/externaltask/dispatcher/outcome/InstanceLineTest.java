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

    private Exchange enter(String engine, String processInstance, String name) {
        Exchange exchange = new DefaultExchange(context);
        line.enter(engine, processInstance, exchange, doneSync -> turns.add(name));
        return exchange;
    }
}
