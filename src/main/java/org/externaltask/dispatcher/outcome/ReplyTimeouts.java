package org.externaltask.dispatcher.outcome;

import java.time.temporal.ChronoUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.externaltask.Subscription.ReplyTimeout;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the option {@code replyTimeout} does: a reply that does not come ends the task in a failure or a BPMN error. */
@Configuration(proxyBeanMethods = false)
class ReplyTimeouts {

    private static final String MISSING = "etdReplyMissing";

    private final AwaitedReplies awaited;

    ReplyTimeouts(AwaitedReplies awaited) {
        this.awaited = awaited;
    }

    @Bean
    Processor awaitReply() {
        return exchange -> {
            TaskInWork work = TaskInWork.of(exchange).orElseThrow();
            ReplyTimeout timeout = work.task().subscription().replyTimeout();
            if (timeout != null) {
                awaited.await(work, timeout);
            }
        };
    }

    @Bean
    Processor replyMissing() {
        return exchange -> {
            TaskInWork work = exchange.getMessage().getBody(TaskInWork.class);
            work.attachTo(exchange);
            exchange.setProperty(MISSING, true);
            exchange.getMessage().setBody(null);
            ReplyTimeout timeout = work.task().subscription().replyTimeout();
            boolean seconds = timeout.after().toMillisPart() == 0;
            String problem = "no reply came within "
                    + DurationStyle.SIMPLE.print(timeout.after(), seconds ? ChronoUnit.SECONDS : ChronoUnit.MILLIS);
            throw timeout.bpmnError() == null
                    ? new ReplyMissing(problem)
                    : new BpmnErrorRaised(timeout.bpmnError(), problem);
        };
    }

    /** Whether the exchange ends a task whose reply has not come here; it may have come to another process. */
    static boolean concerns(Exchange exchange) {
        return exchange.getProperty(MISSING, false, Boolean.class);
    }
}
