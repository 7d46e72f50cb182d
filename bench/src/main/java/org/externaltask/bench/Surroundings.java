package org.externaltask.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What stands around the clients besides the engine.
 *
 * @param gateway base URL of the gateway, empty for none
 * @param broker {@code host:port} of RabbitMQ, empty for none
 */
record Surroundings(String gateway, String broker) {

    static final Surroundings NONE = new Surroundings("", "");

    /** How the dispatcher is told. */
    List<String> dispatcherSettings() {
        List<String> settings = new ArrayList<>();
        if (!gateway.isEmpty()) {
            settings.add("--etd.gateways.default.base-url=" + gateway);
        }
        if (!broker.isEmpty()) {
            settings.add("--spring.rabbitmq.host=" + broker.split(":")[0]);
            settings.add("--spring.rabbitmq.port=" + broker.split(":")[1]);
            settings.add("--etd.broker.parking-queue=" + Broker.PARKED);
            settings.add("--etd.broker.retry-queue=" + Broker.RETRY);
        }
        return settings;
    }
}
