package org.externaltask.dispatcher.outcome;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.engine.EngineAnswer;
import org.externaltask.dispatcher.engine.KameletParameters;
import org.externaltask.dispatcher.fetch.TaskInWork;
import org.externaltask.dispatcher.http.HttpCallFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What a topic needs to complete the task of another process. The engine takes a completion once: of several processes that complete
 * the same task one gets through, and its name, a variable that goes along, tells the others that they came second.
 */
@Configuration(proxyBeanMethods = false)
class OtherTasks {

    private static final Logger LOG = LoggerFactory.getLogger(OtherTasks.class);

    private static final String COMPLETER = "etdCompleter";
    private static final String REQUEST = "etdCompletion";
    private static final String REFUSAL = "etdRefusal";

    /** Keeps the name of who completes the task, because the body makes room for the request. */
    @Bean
    Processor completer() {
        return exchange -> {
            KameletParameters parameters = parameters(exchange);
            exchange.removeProperty(REFUSAL);
            exchange.removeProperty(COMPLETER);
            String field = parameters.text("etdCompletedBy");
            if (field == null) {
                return;
            }
            if (parameters.text("etdProcessInstanceId") == null) {
                throw new UnusableReply("completedBy needs processInstanceId, the instance that the task belongs to");
            }
            JsonNode body = parameters.body();
            String name = body == null ? "" : body.path(field).asText();
            if (name.isEmpty()) {
                throw new UnusableReply("the body has no field '" + field
                        + "', which completedBy names; put into it who completes the task");
            }
            exchange.setProperty(COMPLETER, name);
        };
    }

    @Bean
    Processor completionOfOtherTask() {
        return exchange -> exchange.setProperty(REQUEST, exchange.getMessage().getBody(ObjectNode.class));
    }

    @Bean
    Processor otherTaskRefusal() {
        return exchange -> {
            HttpCallFailed failed = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, HttpCallFailed.class);
            EngineAnswer answer = EngineAnswer.of(failed);
            if (answer != EngineAnswer.GONE && answer != EngineAnswer.LOCK_LOST) {
                throw failed;
            }
            exchange.setProperty(REFUSAL, answer.name());
        };
    }

    /** Its lock ran out, and a dispatcher has taken it again; a task that nobody holds is refused and tried again later. */
    @Bean
    Processor presentHolder() {
        return exchange -> {
            String holder = exchange.getMessage()
                    .getBody(JsonNode.class)
                    .path("workerId")
                    .asText(exchange.getVariable("workerId", String.class));
            exchange.getMessage()
                    .setBody(exchange.getProperty(REQUEST, ObjectNode.class).put("workerId", holder));
        };
    }

    @Bean
    Processor whoCompleted() {
        return exchange -> {
            KameletParameters parameters = parameters(exchange);
            ObjectNode question =
                    JsonNodeFactory.instance.objectNode().put("variableName", parameters.text("etdCompletedBy"));
            question.putArray("processInstanceIdIn").add(parameters.text("etdProcessInstanceId"));
            exchange.getMessage().setBody(question);
        };
    }

    @Bean
    Processor otherTaskGone() {
        return exchange -> {
            String completer = exchange.getProperty(COMPLETER, String.class);
            JsonNode variables = exchange.getMessage().getBody(JsonNode.class);
            Object task = exchange.getVariable("taskId");
            exchange.getMessage().setBody(null);
            if (completer == null) {
                LOG.warn("task {} was gone (completed or cancelled) before it could be completed", task);
                return;
            }
            if (variables != null && variables.path(0).path("value").asText().equals(completer)) {
                LOG.debug("task {} was completed by an earlier try whose answer was lost", task);
                return;
            }
            String code = parameters(exchange).text("etdLateError");
            String message = "the task that it was to complete is gone: another completed it, or it was cancelled";
            if (code == null) {
                throw new UnusableReply(message + "; see whether the process is still needed");
            }
            throw new BpmnErrorRaised(code, message);
        };
    }

    /** The exchange is again about the task of the topic itself. */
    @Bean
    Processor ownTask() {
        return exchange -> {
            TaskInWork.of(exchange).orElseThrow().nameTask(exchange);
            exchange.getMessage().setBody(null);
        };
    }

    private static KameletParameters parameters(Exchange exchange) {
        return new KameletParameters(exchange, UnusableReply::new);
    }
}
