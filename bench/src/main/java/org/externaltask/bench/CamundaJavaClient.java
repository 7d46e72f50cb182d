package org.externaltask.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.util.Locale;
import java.util.Map;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.camunda.bpm.client.ExternalTaskClient;
import org.camunda.bpm.client.ExternalTaskClientBuilder;
import org.camunda.bpm.client.exception.EngineException;
import org.camunda.bpm.client.task.ExternalTask;
import org.camunda.bpm.client.task.ExternalTaskService;

/** Camunda's Java client with handlers that do the same as the dispatcher's routes, as one would write them by hand. */
public final class CamundaJavaClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What becomes of a task: its variables, or null for none. */
    private interface Handling {
        Map<String, Object> of(ExternalTask task) throws Exception;
    }

    private CamundaJavaClient() {}

    /**
     * Arguments: base URL, topic, setting ({@code default}, or {@code tuned}: long poll, no pauses, repeats after optimistic locks), number
     * of clients, maxTasks of each, work, URL of the gateway, address of the broker.
     */
    public static void main(String[] args) throws Exception {
        boolean tuned = args[2].equals("tuned");
        for (int i = 0; i < Integer.parseInt(args[3]); i++) {
            ExternalTaskClientBuilder client =
                    ExternalTaskClient.create().baseUrl(args[0]).workerId("camunda-java-" + i);
            if (tuned) {
                client.maxTasks(Integer.parseInt(args[4]))
                        .asyncResponseTimeout(5_000)
                        .lockDuration(60_000)
                        .disableBackoffStrategy(); // the long poll waits at the engine
            }
            Handling handling = handling(Work.valueOf(args[5].toUpperCase(Locale.ROOT)), args[6], args[7]);
            client.build()
                    .subscribe(args[1])
                    .handler((task, service) -> {
                        try {
                            complete(task, service, handling.of(task), tuned);
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    })
                    .open();
        }
        Thread.currentThread().join();
    }

    private static void complete(
            ExternalTask task, ExternalTaskService service, Map<String, Object> variables, boolean again) {
        while (true) {
            try {
                service.complete(task, variables);
                return;
            } catch (EngineException e) {
                if (!again || !String.valueOf(e.getMessage()).contains("OptimisticLocking")) {
                    throw e;
                }
            }
        }
    }

    private static Handling handling(Work work, String gateway, String broker) throws Exception {
        return switch (work) {
            case COMPLETES -> task -> null;
            case MAPS ->
                task -> Map.of(
                        "greeting", task.getVariable("name"), "doubled", task.<Integer>getVariable("amount") * 2);
            case CALLS -> calling(HttpClients.createDefault(), gateway);
            case PUBLISHES -> publishing(Broker.connect(broker).createChannel());
            default -> throw new IllegalArgumentException("no handler for " + work);
        };
    }

    private static Handling calling(CloseableHttpClient http, String gateway) {
        return task -> {
            HttpPost post = new HttpPost(gateway + "/greetings");
            post.setHeader("Idempotency-Key", task.getId());
            post.setEntity(new StringEntity(body(task), ContentType.APPLICATION_JSON));
            JsonNode answer = http.execute(post, response -> JSON.readTree(EntityUtils.toString(response.getEntity())));
            return Map.of(
                    "greeting", answer.path("greeting").asText(),
                    "doubled", answer.path("doubled").asInt());
        };
    }

    private static Handling publishing(Channel channel) throws Exception {
        channel.confirmSelect();
        return task -> {
            AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
                    .messageId(task.getId())
                    .contentType("application/json")
                    .deliveryMode(2)
                    .build();
            channel.basicPublish(
                    Broker.EXCHANGE, Broker.SENT, true, properties, body(task).getBytes("UTF-8"));
            channel.waitForConfirmsOrDie(5_000);
            return null;
        };
    }

    private static String body(ExternalTask task) throws Exception {
        return JSON.writeValueAsString(Map.of(
                "customerNumber", task.getVariable("customerNumber"),
                "amount", task.getVariable("amount"),
                "name", task.getVariable("name")));
    }
}
