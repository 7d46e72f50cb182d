package org.externaltask.dispatcher.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.externaltask.dispatcher.sandbox.EmbeddedBroker;
import org.externaltask.dispatcher.sandbox.EmbeddedEngine;
import org.externaltask.dispatcher.sandbox.RabbitMq;
import org.externaltask.dispatcher.sandbox.StubGateway;
import org.springframework.test.context.DynamicPropertyRegistry;

/** The engine, the broker and the gateway around the dispatcher; started once for all tests of a run, because an engine is slow to start. */
final class Surroundings {

    static final EmbeddedEngine ENGINE = EmbeddedEngine.start(0);
    static final EmbeddedBroker BROKER = EmbeddedBroker.start(0);
    static final StubGateway GATEWAY = StubGateway.start(0);

    static {
        deployAll(Path.of("bpmn"));
        deployAll(Path.of("src/test/resources/processes"));
    }

    private Surroundings() {}

    /** Points a dispatcher at these parts. */
    static void connect(DynamicPropertyRegistry properties) {
        properties.add("etd.engines.default.base-url", ENGINE::baseUrl);
        properties.add("etd.engines.default.async-response-timeout", () -> "2s");
        properties.add("etd.gateways.default.base-url", GATEWAY::baseUrl);
        properties.add(
                "etd.gateways.default.circuit.enabled", () -> false); // one test's failures are not the next one's
        properties.add("spring.rabbitmq.host", () -> "localhost");
        properties.add("spring.rabbitmq.port", BROKER::port);
    }

    /** Points a dispatcher at these parts, but for the broker. */
    static void connect(DynamicPropertyRegistry properties, RabbitMq broker) {
        connect(properties);
        properties.add("spring.rabbitmq.host", broker::host);
        properties.add("spring.rabbitmq.port", broker::port);
    }

    private static void deployAll(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.toString().endsWith(".bpmn")).sorted().forEach(ENGINE.client()::deploy);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
