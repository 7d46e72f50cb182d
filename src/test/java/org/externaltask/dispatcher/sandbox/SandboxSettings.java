package org.externaltask.dispatcher.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.core.env.PropertyResolver;

/**
 * What can be set about the sandbox, in the environment or as program arguments.
 *
 * @param engine {@code sandbox.engine.port}, {@code SANDBOX_ENGINE_PORT}
 * @param broker {@code sandbox.broker.port}, {@code SANDBOX_BROKER_PORT}
 * @param gateway {@code sandbox.gateway.port}, {@code SANDBOX_GATEWAY_PORT}
 * @param dispatcher {@code sandbox.dispatcher.port}, {@code SANDBOX_DISPATCHER_PORT}
 * @param inventory the engine of the inventory, {@code sandbox.inventory.port}; only with {@code sandbox.two-engines}
 * @param rabbitMq a RabbitMQ that is there already and serves instead of the embedded broker: {@code sandbox.rabbitmq}, {@code SANDBOX_RABBITMQ}
 * @param twoEngines whether inventory check runs on an engine of its own: {@code sandbox.two-engines}, {@code SANDBOX_TWO_ENGINES}
 * @param orders whether the sandbox places orders by itself: {@code sandbox.orders}, {@code SANDBOX_ORDERS}
 * @param pattern which pattern is shown, instead of orders: {@code sandbox.pattern}, {@code SANDBOX_PATTERN}
 * @param instances how many instances are started for it: {@code sandbox.instances}, {@code SANDBOX_INSTANCES}
 */
public record SandboxSettings(
        Part engine,
        Part broker,
        Part gateway,
        Part dispatcher,
        Part inventory,
        Optional<RabbitMq> rabbitMq,
        boolean twoEngines,
        boolean orders,
        Optional<Pattern> pattern,
        int instances) {

    /** Free ports, and no orders but those that a test places itself. */
    public static SandboxSettings forTests() {
        return new SandboxSettings(
                new Part("engine", 0),
                new Part("broker", 0),
                new Part("gateway", 0),
                new Part("dispatcher", 0),
                new Part("inventory", 0),
                Optional.empty(),
                false,
                false,
                Optional.empty(),
                0);
    }

    static SandboxSettings from(PropertyResolver properties) {
        Optional<Pattern> pattern = pattern(properties);
        return new SandboxSettings(
                Part.from(properties, "engine", 8080),
                Part.from(properties, "broker", 5673), // not 5672, where a RabbitMQ of your own may be
                Part.from(properties, "gateway", 8089),
                Part.from(properties, "dispatcher", 8090),
                Part.from(properties, "inventory", 8081),
                rabbitMq(properties),
                isSet(properties, "sandbox.two-engines")
                        || isSet(properties, "SANDBOX_TWO_ENGINES")
                        || pattern.flatMap(Pattern::counterpart).isPresent(),
                pattern.isEmpty() && !"false".equalsIgnoreCase(properties.getProperty("sandbox.orders")),
                pattern,
                instances(properties));
    }

    private static boolean isSet(PropertyResolver properties, String name) {
        return "true".equalsIgnoreCase(properties.getProperty(name));
    }

    private static Optional<Pattern> pattern(PropertyResolver properties) {
        return Optional.ofNullable(properties.getProperty("sandbox.pattern")).map(word -> Pattern.of(word)
                .orElseThrow(() ->
                        new Unusable("sandbox.pattern is '%s'; write one of %s".formatted(word, Pattern.words()))));
    }

    private static int instances(PropertyResolver properties) {
        String instances = properties.getProperty("sandbox.instances", "10");
        if (!instances.matches("[1-9]\\d{0,5}")) {
            throw new Unusable("sandbox.instances is '%s'; write a number from 1 on, for example SANDBOX_INSTANCES=10"
                    .formatted(instances));
        }
        return Integer.parseInt(instances);
    }

    private static Optional<RabbitMq> rabbitMq(PropertyResolver properties) {
        return Optional.ofNullable(properties.getProperty("sandbox.rabbitmq")).map(address -> {
            if (!address.matches(".+:\\d{1,5}")) {
                throw new Unusable(
                        "sandbox.rabbitmq is '%s'; write host and port, for example SANDBOX_RABBITMQ=localhost:5672"
                                .formatted(address));
            }
            RabbitMq rabbitMq = RabbitMq.at(address);
            if (!rabbitMq.answers()) {
                throw new Unusable(
                        "No RabbitMQ answers at %s. Start it, or leave out SANDBOX_RABBITMQ: the sandbox has a broker of its own."
                                .formatted(address));
            }
            return rabbitMq;
        });
    }

    void requireFreePorts() {
        List<String> taken = Stream.of(engine, broker, gateway, dispatcher, inventory)
                .filter(part -> part != inventory || twoEngines)
                .filter(part -> part != broker || rabbitMq.isEmpty())
                .filter(Part::isTaken)
                .map(Part::takenMessage)
                .toList();
        if (!taken.isEmpty()) {
            throw new Unusable(String.join(System.lineSeparator(), taken));
        }
    }

    /** A part of the sandbox and the port that it listens on; 0 means any free one. */
    record Part(String name, int port) {

        private static Part from(PropertyResolver properties, String name, int usualPort) {
            Part usual = new Part(name, usualPort);
            String port = properties.getProperty(usual.property(), Integer.toString(usualPort));
            if (!port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
                throw new Unusable(
                        "%s is '%s'; write a port number, for example %s".formatted(usual.property(), port, usual));
            }
            return new Part(name, Integer.parseInt(port));
        }

        private String property() {
            return "sandbox." + name + ".port";
        }

        private boolean isTaken() {
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return !socket.isBound();
            } catch (IOException e) {
                return true;
            }
        }

        private String takenMessage() {
            return "Port %d is taken, so the sandbox's %s cannot start. Stop what listens there, or choose another port: %s mvn spring-boot:test-run"
                    .formatted(port, name, new Part(name, port < 60_000 ? port + 1_000 : 0));
        }

        /** As it is set in the environment. */
        @Override
        public String toString() {
            return property().replace('.', '_').toUpperCase(Locale.ROOT) + "=" + port;
        }
    }

    /** Settings that the sandbox cannot start with; the message says what to change. */
    static final class Unusable extends RuntimeException {

        Unusable(String message) {
            super(message);
        }
    }
}
