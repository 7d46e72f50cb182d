package org.externaltask.dispatcher.it;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.externaltask.dispatcher.DispatcherApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts dispatchers that tests stop themselves, if not said otherwise with the topics in {@code src/test/resources/leases}. */
final class Dispatcher {

    private Dispatcher() {}

    /** @param more options that come on top of the usual ones, or in the place of one of them */
    static ConfigurableApplicationContext start(URI engine, String... more) {
        List<String> arguments = arguments(engine);
        for (String option : more) {
            arguments.removeIf(usual -> usual.startsWith(option.substring(0, option.indexOf('=') + 1)));
            arguments.add(option);
        }
        return start(arguments);
    }

    static ConfigurableApplicationContext start(List<String> arguments) {
        return new SpringApplicationBuilder(DispatcherApplication.class)
                .registerShutdownHook(false)
                .run(arguments.toArray(String[]::new));
    }

    static List<String> arguments(URI engine) {
        return arguments("file:src/test/resources/leases", engine, "localhost", Surroundings.BROKER.port());
    }

    static List<String> arguments(String topics, URI engine, String brokerHost, int brokerPort) {
        return new ArrayList<>(List.of(
                "--server.port=0",
                "--etd.routes=" + topics,
                "--etd.engines.default.base-url=" + engine,
                "--etd.gateways.default.base-url=" + Surroundings.GATEWAY.baseUrl(),
                "--spring.rabbitmq.host=" + brokerHost,
                "--spring.rabbitmq.port=" + brokerPort));
    }
}
