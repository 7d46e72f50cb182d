package org.externaltask.dispatcher.security;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.util.ClassUtils;

/** In the profile {@code prod}, does not let the dispatcher start with what is made for development. */
class Production implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    private static final String EXPOSED = "management.endpoints.web.exposure.include";
    private static final String HIDDEN = "management.endpoints.web.exposure.exclude";
    private static final String ALL = "*";

    /** They show the memory, the settings or the threads, or change the log and the routes from outside. */
    private static final Set<String> FOR_DEVELOPERS = Set.of(
            "camel",
            "camelroutecontroller",
            "camelroutes",
            "configprops",
            "env",
            "hawtio",
            "heapdump",
            "jolokia",
            "loggers",
            "shutdown",
            "threaddump");

    private static final Map<String, String> SWITCHES = new LinkedHashMap<>();

    static {
        SWITCHES.put("camel.main.routes-reload-enabled", "Camel's own hot reload");
        SWITCHES.put("camel.main.dev-console-enabled", "Camel's dev console");
        SWITCHES.put("camel.main.debugging", "Camel's debugger");
        SWITCHES.put("camel.debug.enabled", "Camel's debugger");
    }

    /** Agents that let others steer the JVM over HTTP, and restarts by Spring's devtools. */
    private static final Map<String, String> LIBRARIES = Map.of(
            "org.jolokia.server.core.http.AgentServlet", "Jolokia",
            "org.jolokia.jvmagent.JolokiaServer", "Jolokia's agent",
            "org.springframework.boot.devtools.restart.Restarter", "Spring Boot's devtools");

    private final Predicate<String> onBoard;
    private final Predicate<Path> writable;

    Production() {
        this(name -> ClassUtils.isPresent(name, null), Files::isWritable);
    }

    Production(Predicate<String> onBoard, Predicate<Path> writable) {
        this.onBoard = onBoard;
        this.writable = writable;
    }

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        if (!environment.acceptsProfiles(Profiles.of("prod"))) {
            return;
        }
        List<String> problems = new ArrayList<>();
        if (environment.acceptsProfiles(Profiles.of("dev"))) {
            problems.add("the profile dev is active, too: leave it out of spring.profiles.active");
        }
        reload(environment).ifPresent(problems::add);
        SWITCHES.forEach((key, name) -> {
            if (environment.getProperty(key, boolean.class, false)) {
                problems.add(key + " switches on " + name + ": set it to false");
            }
        });
        exposed(environment)
                .forEach(endpoint -> problems.add(
                        EXPOSED + " has " + endpoint + ": leave it away, or use another profile than prod"));
        LIBRARIES.forEach((type, name) -> {
            if (onBoard.test(type)) {
                problems.add(name + " is on the classpath: leave it out of what is shipped");
            }
        });
        if (!problems.isEmpty()) {
            throw new StartRefused(
                    "In the profile prod, nothing may be switched on that is for development:\n\n    "
                            + String.join("\n    ", problems),
                    "Change what is named above.");
        }
    }

    /** Topic files that the dispatcher cannot write, such as those of a ConfigMap, change only by a deployment. */
    private Optional<String> reload(Environment environment) {
        if (!environment.getProperty("etd.reload.enabled", boolean.class, false)) {
            return Optional.empty();
        }
        String routes = environment.getProperty("etd.routes", "");
        String folder = routes.startsWith("file:") ? routes.substring("file:".length()) : routes;
        return routes.startsWith("classpath:") || routes.isEmpty() || writable.test(Path.of(folder))
                ? Optional.of("etd.reload.enabled is true, and the dispatcher could write the topic files itself: set"
                        + " it to false, or mount the folder in etd.routes read-only")
                : Optional.empty();
    }

    private static Stream<String> exposed(Environment environment) {
        List<String> hidden = list(environment, HIDDEN);
        return hidden.contains(ALL)
                ? Stream.empty()
                : list(environment, EXPOSED).stream()
                        .filter(endpoint -> endpoint.equals(ALL) || FOR_DEVELOPERS.contains(endpoint))
                        .filter(endpoint -> !hidden.contains(endpoint));
    }

    private static List<String> list(Environment environment, String key) {
        return Binder.get(environment)
                .bind(key, Bindable.of(String[].class))
                .map(values -> Arrays.stream(values)
                        .map(value -> value.toLowerCase(Locale.ROOT).replace("-", ""))
                        .toList())
                .orElse(List.of());
    }
}
