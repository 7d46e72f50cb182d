package org.externaltask.dispatcher.operations.api;

import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.externaltask.dispatcher.broker.ParkedMessages;
import org.springframework.amqp.AmqpException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.boot.info.BuildProperties;
import org.springframework.lang.Nullable;
import org.springframework.stereotype.Component;

/** {@code /actuator/etd}: what an operator sees (GET) and does (POST). */
@Component
@WebEndpoint(id = "etd")
class EtdEndpoint {

    private final LinesView lines;
    private final TopicsView topics;
    private final Incidents incidents;
    private final LockedTasks locked;
    private final ParkedMessages parked;
    private final Actions actions;
    private final String version;

    EtdEndpoint(
            LinesView lines,
            TopicsView topics,
            Incidents incidents,
            LockedTasks locked,
            ParkedMessages parked,
            Actions actions,
            ObjectProvider<BuildProperties> build) {
        this.lines = lines;
        this.topics = topics;
        this.incidents = incidents;
        this.locked = locked;
        this.parked = parked;
        this.actions = actions;
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

    /** {@code topics/<engine>/<topic>/events}, {@code …/incidents}, {@code …/locked}. */
    @ReadOperation
    WebEndpointResponse<?> list(
            @Selector String what, @Selector String engine, @Selector String topic, @Selector String list) {
        return answer(() -> switch (what + "/" + list) {
            case "topics/events" -> topics.events(engine, topic);
            case "topics/incidents" -> incidents.list(topics.subscription(engine, topic));
            case "topics/locked" -> locked.list(topics.subscription(engine, topic));
            default -> throw nothingAt(what + "/" + engine + "/" + topic + "/" + list);
        });
    }

    /** {@code parked/redrive} and {@code parked/discard}. */
    @WriteOperation
    WebEndpointResponse<?> act(@Selector String what, @Selector String action, @Nullable List<String> ids) {
        return answer(() -> switch (what + "/" + action) {
            case "parked/redrive" -> actions.redrive(texts("ids", ids));
            case "parked/discard" -> actions.discard(texts("ids", ids));
            default -> throw nothingAt(what + "/" + action);
        });
    }

    /** {@code topics/<engine>/<topic>/pause}, {@code …/resume} and {@code …/replay}. */
    @WriteOperation
    WebEndpointResponse<?> act(
            @Selector String what,
            @Selector String engine,
            @Selector String topic,
            @Selector String action,
            @Nullable Integer retries,
            @Nullable List<String> taskIds) {
        return answer(() -> switch (what + "/" + action) {
            case "topics/pause" -> actions.pause(engine, topic);
            case "topics/resume" -> actions.resume(engine, topic);
            case "topics/replay" -> actions.replay(engine, topic, retries, texts("taskIds", taskIds));
            default -> throw nothingAt(what + "/" + engine + "/" + topic + "/" + action);
        });
    }

    /** {@code topics/<engine>/<topic>/tasks/<task id>/unlock}. */
    @WriteOperation
    WebEndpointResponse<?> act(
            @Selector String what,
            @Selector String engine,
            @Selector String topic,
            @Selector String tasks,
            @Selector String taskId,
            @Selector String action) {
        return answer(() -> switch (what + "/" + tasks + "/" + action) {
            case "topics/tasks/unlock" -> actions.unlock(engine, topic, taskId);
            default -> throw nothingAt(String.join("/", what, engine, topic, tasks, taskId, action));
        });
    }

    /** @return null when there are none: the body does not say which */
    private static Set<String> texts(String name, List<String> values) {
        if (values == null) {
            return null;
        }
        if (values.isEmpty()) {
            throw Problem.badRequest("'" + name + "' is a list of at least one id; leave it out for all.");
        }
        return new HashSet<>(values);
    }

    private static WebEndpointResponse<?> answer(Supplier<Object> operation) {
        try {
            return new WebEndpointResponse<>(operation.get());
        } catch (Problem e) {
            return problem(e);
        } catch (AmqpException e) {
            return problem(Problem.unavailable("The broker does not answer: " + e.getMessage()));
        }
    }

    private static WebEndpointResponse<?> problem(Problem why) {
        return new WebEndpointResponse<>(Map.of("problem", why.getMessage()), why.status());
    }

    private static Problem nothingAt(String path) {
        return Problem.notFound(
                "There is nothing at /actuator/etd/" + path + "; docs/operations-api.md has all that is.");
    }
}
