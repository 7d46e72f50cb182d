package org.externaltask.dispatcher.sandbox;

import java.util.List;
import java.util.function.Predicate;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Keeps the autoconfiguration of the embedded engine out of the dispatcher's context and the dispatcher's out of the
 * engine's: the two share the test classpath, and {@code sandbox.part=engine} tells which context this is.
 */
class ContextParts implements AutoConfigurationImportFilter, EnvironmentAware {

    private static final List<String> ONLY_FOR_THE_DISPATCHER = List.of(
            "org.apache.camel.",
            "org.springframework.boot.actuate.",
            "org.springframework.boot.autoconfigure.amqp.",
            "org.springframework.boot.autoconfigure.security.");

    private static final List<String> ONLY_FOR_THE_ENGINE =
            List.of("org.operaton.", "org.camunda.", ".jdbc.", ".sql.", ".h2.", ".jersey.");

    private Environment environment;

    @Override
    public void setEnvironment(Environment environment) {
        this.environment = environment;
    }

    @Override
    public boolean[] match(String[] autoConfigurations, AutoConfigurationMetadata metadata) {
        boolean engine = "engine".equals(environment.getProperty("sandbox.part"));
        Predicate<String> foreign = engine
                ? name -> ONLY_FOR_THE_DISPATCHER.stream().anyMatch(name::startsWith)
                : name -> ONLY_FOR_THE_ENGINE.stream().anyMatch(name::contains);
        boolean[] matches = new boolean[autoConfigurations.length];
        for (int i = 0; i < matches.length; i++) {
            matches[i] = autoConfigurations[i] != null && !foreign.test(autoConfigurations[i]);
        }
        return matches;
    }
}
