package org.externaltask.dispatcher.outcome;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Counts the replies that the engine has taken and those that came too late, which are ignored. */
@Configuration(proxyBeanMethods = false)
class Replies {

    private static final Logger LOG = LoggerFactory.getLogger(Replies.class);

    /** What leaves a task waiting for its reply. */
    private static final Set<String> GOES_ON = Set.of("extended", "retriesSet");

    private final MeterRegistry meters;
    private final AwaitedReplies awaited;
    private final InstanceLine line;

    Replies(MeterRegistry meters, AwaitedReplies awaited, InstanceLine line) {
        this.meters = meters;
        this.awaited = awaited;
        this.line = line;
    }

    @Bean
    Processor replyTaken() {
        return exchange -> {
            line.leave(exchange); // what the route does after the reply is no concern of those behind it
            String outcome = outcome(exchange);
            if (!GOES_ON.contains(outcome)) {
                awaited.cameFor(engine(exchange), exchange.getVariable("taskId", String.class));
            }
            count(exchange, outcome);
            exchange.getMessage().setBody(null);
        };
    }

    /** A late or repeated reply is no error: the task has ended, or somebody else works on it by now. */
    @Bean
    Processor replyRefusal() {
        return exchange -> {
            line.leave(exchange);
            HttpCallFailed failed = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, HttpCallFailed.class);
            EngineAnswer answer = EngineAnswer.of(failed);
            if (answer == EngineAnswer.BAD_REQUEST) {
                throw new UnusableReply("the engine answered " + failed.status() + ": "
                        + failed.json()
                                .map(body -> body.path("message").asText(""))
                                .orElse(""));
            }
            if (answer != EngineAnswer.GONE && answer != EngineAnswer.LOCK_LOST) {
                throw failed;
            }
            LOG.warn(
                    "a reply for task {} came too late or twice and is ignored: {}",
                    exchange.getVariable("taskId"),
                    answer == EngineAnswer.GONE
                            ? "the task is gone (completed or cancelled)"
                            : "its lock is over, or another worker's");
            count(exchange, "late");
            exchange.getMessage().setBody(null);
        };
    }

    private void count(Exchange exchange, String outcome) {
        meters.counter("etd.replies", "engine", engine(exchange), "outcome", outcome)
                .increment();
    }

    private static String outcome(Exchange exchange) {
        String reply = exchange.getProperty("etdReply", String.class);
        return switch (reply) {
            case "complete" -> "completed";
            case "extendLock" -> "extended";
            case "unlock" -> "unlocked";
            case "retries" -> "retriesSet";
            default -> reply;
        };
    }

    private static String engine(Exchange exchange) {
        return exchange.getProperty("etdEngine", String.class);
    }
}
