package org.externaltask.dispatcher.outcome;

import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Counts what the engine was told, and says what it could not be told. */
@Configuration(proxyBeanMethods = false)
class Reports {

    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    private final MeterRegistry meters;

    Reports(MeterRegistry meters) {
        this.meters = meters;
    }

    @Bean
    Processor taskReported() {
        return exchange -> count(exchange, exchange.getProperty("etdOutcome", "completed", String.class));
    }

    @Bean
    Processor reportLost() {
        return exchange -> {
            String task = exchange.getVariable("taskId", String.class);
            String topic = exchange.getVariable("topicName", String.class);
            Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            EngineAnswer answer = cause instanceof HttpCallFailed failed ? EngineAnswer.of(failed) : null;
            if (answer == EngineAnswer.GONE) {
                LOG.info("task {} of topic {} is gone (completed or cancelled); its result is dropped", task, topic);
                count(exchange, "gone");
            } else if (answer == EngineAnswer.LOCK_LOST) {
                LOG.info("task {} of topic {} is locked by somebody else; its result is dropped", task, topic);
                count(exchange, "lockLost");
            } else {
                LOG.warn(
                        "task {} of topic {} could not be reported: {}. The engine offers it again when its lock is over",
                        task,
                        topic,
                        cause == null ? "" : cause.getMessage());
                count(exchange, "unreported");
            }
        };
    }

    private void count(Exchange exchange, String outcome) {
        String topic = exchange.getVariable("topicName", String.class);
        meters.counter(
                        "etd.tasks",
                        "engine",
                        String.valueOf(exchange.getVariable("engine")),
                        "topic",
                        topic == null ? "none" : topic,
                        "outcome",
                        outcome)
                .increment();
    }
}
