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
    private final List<String> turns = new ArrayList<>();
    private int handedOver;
    private final InstanceLine line = new InstanceLine(turn -> {
        handedOver++;
        turn.run();
    });

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
    void the_results_that_wait_take_their_turns_in_one_thread() {
        Exchange first = enter("default", "A", "first");
        enterAndEnd("second");
        enterAndEnd("third");
        enterAndEnd("fourth");

        end(first);

        assertThat(turns).containsExactly("first", "second", "third", "fourth");
        assertThat(handedOver).isEqualTo(1);
        enter("default", "A", "fifth");
        assertThat(turns).endsWith("fifth");
    }

    @Test
    void who_leaves_before_he_is_done_lets_another_thread_take_the_next_turn() {
        Exchange first = enter("default", "A", "first");
        Exchange second = new DefaultExchange(context);
        line.enter("default", "A", second, doneSync -> {
            line.leave(second);
            turns.add("second, which goes on");
            end(second);
        });
        enterAndEnd("third");

        end(first);

        assertThat(turns).containsExactly("first", "third", "second, which goes on");
        assertThat(handedOver).isEqualTo(2);
    }

    @Test
    void a_turn_that_ends_in_another_thread_is_not_over_before() {
        Exchange first = enter("default", "A", "first");
        Exchange second = enter("default", "A", "second, answered later");
        enterAndEnd("third");

        end(first);
        assertThat(turns).containsExactly("first", "second, answered later");

        end(second);
        assertThat(turns).endsWith("third");
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

    private void enterAndEnd(String name) {
        Exchange exchange = new DefaultExchange(context);
        line.enter("default", "A", exchange, doneSync -> {
            turns.add(name);
            end(exchange);
        });
    }

    /** As Camel does it when the route is through. */
    private static void end(Exchange exchange) {
        exchange.getExchangeExtension().handoverCompletions().forEach(completion -> completion.onComplete(exchange));
    }

    private Exchange enter(String engine, String processInstance, String name) {
        Exchange exchange = new DefaultExchange(context);
        line.enter(engine, processInstance, exchange, doneSync -> turns.add(name));
        return exchange;
    }
}
