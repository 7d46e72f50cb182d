package org.externaltask.dispatcher.engine;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Knows whom the engines lock tasks for: a name that no other process has, the same for the life of this one. The engine lets
 * anybody finish a task who names the worker id of its lock, so two processes that share one can finish each other's tasks.
 */
@Component
public class WorkerIds {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerIds.class);

    private final Map<String, String> workerIds;

    WorkerIds(EtdProperties properties) {
        String unique = hostName() + "-" + UUID.randomUUID();
        workerIds = properties.engines().entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, engine -> {
                    String configured = engine.getValue().workerId();
                    if (configured == null || configured.isBlank()) {
                        return unique;
                    }
                    LOG.warn(
                            "etd.engines.{}.worker-id is set to '{}': a second process with the same id can finish this one's"
                                    + " tasks; leave it out unless exactly one process runs",
                            engine.getKey(),
                            configured);
                    return configured;
                }));
    }

    public String of(String engine) {
        return workerIds.get(engine);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "etd"; // a host without a resolvable name is no reason not to start; the random part is what counts
        }
    }
}
