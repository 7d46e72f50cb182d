package org.externaltask.dispatcher.operations.api;

import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.externaltask.dispatcher.broker.ParkedMessages;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/** {@code /actuator/etd}: what an operator sees. */
@Component
@WebEndpoint(id = "etd")
class EtdEndpoint {

    private final LinesView lines;
    private final TopicsView topics;
    private final Incidents incidents;
    private final ParkedMessages parked;
    private final String version;

    EtdEndpoint(
            LinesView lines,
            TopicsView topics,
            Incidents incidents,
            ParkedMessages parked,
            ObjectProvider<BuildProperties> build) {
        this.lines = lines;
        this.topics = topics;
        this.incidents = incidents;
        this.parked = parked;
        BuildProperties built = build.getIfAvailable();
        this.version = built == null ? "unknown" : built.getVersion();
    }

    /** Everything at a glance. */
    @ReadOperation
    Overview overview() {
        return new Overview(
                version,
                Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime())
                        .toString(),
                Instant.now().toString(),
                lines.engines(),
                lines.gateways(),
                lines.broker(),
                topics.all(),
                lines.queues(),
                lines.parked());
    }

    /** {@code parked}: the parked messages. */
    @ReadOperation
    WebEndpointResponse<?> list(@Selector String what) {
        return answer(() -> switch (what) {
            case "parked" -> parked.list();
            default -> throw nothingAt(what);
        });
    }

    /** {@code topics/<engine>/<topic>/events} and {@code …/incidents}. */
    @ReadOperation
    WebEndpointResponse<?> list(
            @Selector String what, @Selector String engine, @Selector String topic, @Selector String list) {
        return answer(() -> switch (what + "/" + list) {
            case "topics/events" -> topics.events(engine, topic);
            case "topics/incidents" -> incidents.list(topics.key(engine, topic));
            default -> throw nothingAt(what + "/" + engine + "/" + topic + "/" + list);
        });
    }

    private static WebEndpointResponse<?> answer(Supplier<Object> operation) {
        try {
            return new WebEndpointResponse<>(operation.get());
        } catch (Problem e) {
            return new WebEndpointResponse<>(Map.of("problem", e.getMessage()), e.status());
        }
    }

    private static Problem nothingAt(String path) {
        return Problem.notFound(
                "There is nothing at /actuator/etd/" + path + "; docs/operations-api.md has all that is.");
    }
}
