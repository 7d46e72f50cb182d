package org.externaltask.dispatcher.outcome;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.fetch.HeartbeatMeters;
import org.externaltask.dispatcher.fetch.Lease;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Counts what the engine was told, and says what it could not be told. */
@Configuration(proxyBeanMethods = false)
class Reports {

    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    private final TaskMeters meters;
    private final HeartbeatMeters heartbeats;
    private final TopicsSeen seen;

    Reports(TaskMeters meters, HeartbeatMeters heartbeats, TopicsSeen seen) {
        this.meters = meters;
        this.heartbeats = heartbeats;
        this.seen = seen;
    }

    @Bean
    Processor taskReported() {
        return exchange -> {
            boolean notStarted = exchange.getProperty("etdLeaseAlive") != null;
            count(exchange, told(exchange), notStarted ? Lease.End.UNLOCKED : Lease.End.FINISHED);
        };
    }

    @Bean
    Processor reportLost() {
        return exchange -> {
            Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            EngineAnswer answer = EngineAnswer.meaningOf(cause).orElse(null);
            if (cause instanceof LockLost) {
                TaskInWork.of(exchange).ifPresent(work -> work.lease().end(Lease.End.DROPPED));
            } else if (answer == EngineAnswer.GONE && ReportErrors.mayHaveArrived(exchange)) {
                LOG.warn(
                        "task {} of topic {} is gone after a report ({}) that was not answered: the report has most likely"
                                + " arrived, unless the task was cancelled at that moment",
                        exchange.getVariable("taskId"),
                        exchange.getVariable("topicName"),
                        told(exchange));
                count(exchange, told(exchange) + "Unconfirmed", Lease.End.FINISHED);
            } else if (answer == EngineAnswer.GONE || answer == EngineAnswer.LOCK_LOST) {
                dropped(exchange, answer);
            } else {
                LOG.warn(
                        "task {} of topic {} could not be reported: {}. The engine offers it again when its lock is over",
                        exchange.getVariable("taskId"),
                        exchange.getVariable("topicName"),
                        cause == null ? "" : cause.getMessage());
                count(exchange, "unreported", Lease.End.UNREPORTED);
            }
        };
    }

    @Bean
    Processor lockNotExtended() {
        return exchange -> {
            Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            EngineAnswer answer = EngineAnswer.meaningOf(cause).orElse(null);
            Lease lease = TaskInWork.of(exchange).orElseThrow().lease();
            if (answer != EngineAnswer.GONE && answer != EngineAnswer.LOCK_LOST) {
                lease.notExtended(System.nanoTime());
                heartbeats.count(lease.task().subscription(), HeartbeatMeters.Beat.FAILED);
                LOG.debug("The lock of task {} was not extended", exchange.getVariable("taskId"), cause);
            } else if (lease.lost(System.nanoTime())) {
                heartbeats.count(lease.task().subscription(), HeartbeatMeters.Beat.LOST);
                dropped(exchange, answer);
            }
        };
    }

    private void dropped(Exchange exchange, EngineAnswer answer) {
        if (ReplyTimeouts.concerns(exchange)) {
            return; // the reply came to another process, and this one only heard nothing of it
        }
        boolean gone = answer == EngineAnswer.GONE;
        LOG.info(
                "task {} of topic {} is {}; its result is dropped",
                exchange.getVariable("taskId"),
                exchange.getVariable("topicName"),
                gone ? "gone (completed or cancelled)" : "not locked for this process any more");
        count(exchange, gone ? "gone" : "lockLost", Lease.End.DROPPED);
    }

    private static String told(Exchange exchange) {
        return exchange.getProperty("etdOutcome", "completed", String.class);
    }

    private void count(Exchange exchange, String outcome, Lease.End end) {
        Lease lease = TaskInWork.of(exchange).orElseThrow().lease();
        lease.end(end);
        meters.ended(lease, outcome, end);
        seen.ended(lease, outcome, exchange);
    }
}
