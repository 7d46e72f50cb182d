package org.externaltask.dispatcher.it;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.externaltask.dispatcher.DispatcherApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts dispatchers that tests stop themselves, with the topics in {@code src/test/resources/leases}. */
final class Dispatcher {

    private Dispatcher() {}

    static ConfigurableApplicationContext start(URI engine, String... more) {
        List<String> arguments = arguments(engine);
        arguments.addAll(List.of(more));
        return new SpringApplicationBuilder(DispatcherApplication.class)
                .registerShutdownHook(false)
                .run(arguments.toArray(String[]::new));
    }

    static List<String> arguments(URI engine) {
        return new ArrayList<>(List.of(
                "--server.port=0",
                "--etd.routes=file:src/test/resources/leases",
                "--etd.engines.default.base-url=" + engine,
                "--etd.gateways.default.base-url=" + Surroundings.GATEWAY.baseUrl(),
                "--spring.rabbitmq.host=localhost",
                "--spring.rabbitmq.port=" + Surroundings.BROKER.port()));
    }
}
