package org.externaltask.bench;

import java.util.ArrayList;
import java.util.List;
import org.camunda.bpm.client.ExternalTaskClient;

/** Camunda's Java client with a handler that only completes. */
public final class CamundaJavaClient {

    private CamundaJavaClient() {}

    /** Arguments: base URL, topic, maxTasks, number of clients. */
    public static void main(String[] args) throws InterruptedException {
        List<ExternalTaskClient> clients = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[3]); i++) {
            ExternalTaskClient client = ExternalTaskClient.create()
                    .baseUrl(args[0])
                    .workerId("camunda-java-" + i)
                    .maxTasks(Integer.parseInt(args[2]))
                    .asyncResponseTimeout(20_000)
                    .lockDuration(60_000)
                    .disableBackoffStrategy() // the long poll waits at the engine; a back-off would sleep into the measured part
                    .build();
            client.subscribe(args[1]).handler((task, service) -> service.complete(task)).open();
            clients.add(client);
        }
        Thread.currentThread().join();
    }
}
