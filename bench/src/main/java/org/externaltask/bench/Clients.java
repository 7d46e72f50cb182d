package org.externaltask.bench;

import java.util.List;
import java.util.Set;

/** Who can do the tasks, by the name of its row; each in a process of its own. */
final class Clients {

    static final String ETD = "etd";
    static final String CAMUNDA_DEFAULT = "camunda-java default";
    static final String CAMUNDA_BEST = "camunda-java best";
    static final String BARE = "bare";
    static final List<String> ALL = List.of(BARE, ETD, CAMUNDA_BEST, CAMUNDA_DEFAULT);

    /** The options that say how they are set. */
    static final Set<String> OPTIONS = Set.of("max-tasks", "bare-max-tasks", "bare-threads", "etd-options");

    private final Options options;
    private final String engine;
    private final Surroundings surroundings;

    Clients(Options options, String engine, Surroundings surroundings) {
        this.options = options;
        this.engine = engine;
        this.surroundings = surroundings;
    }

    Child start(String client, Work work) {
        List<String> heap = List.of("-Xmx512m");
        return switch (client) {
            case ETD -> etd(1, work.routes());
            case CAMUNDA_DEFAULT -> camunda(work, "default", 1, 10);
            case CAMUNDA_BEST -> camunda(work, "tuned", 4, 50);
            case BARE ->
                Child.ofClass(
                        BARE,
                        BareLoop.class,
                        heap,
                        engine,
                        work.topic(),
                        options.number("bare-max-tasks", 200),
                        options.number("bare-threads", 8),
                        work.word());
            default -> throw new Options.Wrong("there is no participant '" + client + "'; there are: " + ALL);
        };
    }

    /** Camunda's Java client with long polls, without pauses, and with repeats of what the engine asks to repeat. */
    Child camunda(Work work, int clients, int maxTasks) {
        return camunda(work, "tuned", clients, maxTasks);
    }

    private Child camunda(Work work, String setting, int clients, int maxTasks) {
        return Child.ofClass(
                "camunda-java",
                CamundaJavaClient.class,
                List.of("-Xmx512m"),
                engine,
                work.topic(),
                setting,
                clients,
                maxTasks,
                work.word(),
                surroundings.gateway(),
                surroundings.broker());
    }

    /** @param number tells the dispatchers of one run apart */
    Child etd(int number, String... routes) {
        return etd(packaged(), number, List.of(routes), Child.freePort(), List.of());
    }

    /** One that is started in another way than by its jar. */
    Child etd(Program program, String routes) {
        return etd(program, 1, List.of(routes), Child.freePort(), List.of());
    }

    /** One with settings of its own, that can be looked at. */
    Child etd(int port, List<String> settings, String routes) {
        return etd(packaged(), 1, List.of(routes), port, settings);
    }

    private Child etd(Program program, int number, List<String> routes, int port, List<String> settings) {
        return Etd.start(
                options,
                program,
                number,
                engine,
                options.number("max-tasks", 100),
                surroundings,
                routes,
                port,
                settings);
    }

    private Program packaged() {
        return new Program(options.jar(), List.of());
    }
}
