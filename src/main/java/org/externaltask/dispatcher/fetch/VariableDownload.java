package org.externaltask.dispatcher.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.Processor;
import org.externaltask.dispatcher.engine.KameletParameters;
import org.externaltask.dispatcher.engine.TypedVariables;
import org.externaltask.dispatcher.http.HttpContent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Asks for the content of a file or of bytes that came with a task as a reference, for the kamelet {@code download-variable}, and puts
 * it into the body. Only the task's own variables can be asked for, and only by a name that stands in the topic file.
 */
@Configuration(proxyBeanMethods = false)
class VariableDownload {

    private static final String NAME = "etdVariable";
    private static final String BODY = "etdBody";

    @Bean
    Processor contentToDownload() {
        return exchange -> {
            String name = exchange.getProperty(NAME, String.class);
            LockedTask task = TaskInWork.of(exchange)
                    .orElseThrow(
                            () -> new DownloadImpossible(name, "only the route of a topic has variables to download"))
                    .task();
            JsonNode variable = task.variables().path(name);
            String type = variable.path("type").asText("");
            if (variable.isMissingNode()) {
                throw new DownloadImpossible(
                        name,
                        "it did not come with the task; see that the process has it, and that `variables` of the topic names it");
            }
            if (!type.equals("File") && !type.equals("Bytes")) {
                throw new DownloadImpossible(
                        name, "it is no File and no Bytes but of type " + type + ", and in the body already");
            }
            JsonNode body = new KameletParameters(exchange, problem -> new DownloadImpossible(name, problem)).body();
            exchange.setProperty(BODY, body == null || body.isNull() ? JsonNodeFactory.instance.objectNode() : body);
            exchange.setVariable("engine", task.engine());
            exchange.setVariable("etdExecutionId", task.executionId());
            exchange.setVariable(NAME, name);
        };
    }

    @Bean
    Processor contentDownloaded() {
        return exchange -> {
            String name = exchange.getProperty(NAME, String.class);
            TaskInWork work = TaskInWork.of(exchange).orElseThrow();
            HttpContent content = exchange.getMessage().getBody(HttpContent.class);
            ObjectNode withContent = TypedVariables.withContent(
                    name,
                    work.task().variables().path(name),
                    work.task().executionId(),
                    content.type(),
                    content.bytes());
            work.downloaded().put(name, withContent);
            ObjectNode body = exchange.getProperty(BODY, ObjectNode.class).deepCopy();
            exchange.getMessage().setBody(body.<ObjectNode>set(name, withContent));
            exchange.removeProperty(BODY);
        };
    }
}
