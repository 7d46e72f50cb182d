package org.externaltask.dispatcher.configuration;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindException;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/** Says what is wrong with the keys under {@code etd.} and what to write, all at once and without secrets. */
class ConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<ConfigurationPropertiesBindException> {

    private final Environment environment;

    ConfigurationFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, ConfigurationPropertiesBindException cause) {
        if (cause.getBeanType() != EtdProperties.class) {
            return null;
        }
        List<String> problems = unknownKeys();
        BindValidationException validation = findCause(cause, BindValidationException.class);
        if (validation != null) {
            validation.getValidationErrors().forEach(error -> problems.add(problem(error)));
        }
        ConversionFailedException conversion = findCause(cause, ConversionFailedException.class);
        BindException binding = findCause(cause, BindException.class);
        if (conversion != null && binding != null) {
            problems.add(problem(binding, conversion));
        }
        if (problems.isEmpty()) {
            return null; // nothing that this class knows; Spring's own words are better than none
        }
        return new FailureAnalysis(
                problems.stream()
                        .collect(Collectors.joining("\n    ", "The configuration cannot be used:\n\n    ", "")),
                "Correct the keys named above where you have set them: in application.yaml, on the command line, or in the"
                        + " environment (etd.engines.default.base-url is ETD_ENGINES_DEFAULT_BASEURL there).",
                cause);
    }

    private List<String> unknownKeys() {
        List<String> problems = new ArrayList<>();
        ConfigurationPropertySources.get(environment).forEach(source -> {
            if (source instanceof IterableConfigurationPropertySource keys
                    && !isOfTheMachine(source.getUnderlyingSource())) {
                keys.stream()
                        .filter(ConfigurationKeys.PREFIX::isAncestorOf)
                        .flatMap(key -> ConfigurationKeys.problem(key).stream())
                        .forEach(problems::add);
            }
        });
        problems.addAll(EnvironmentVariables.problems(ConfigurationPropertySources.get(environment)));
        return new ArrayList<>(problems.stream().distinct().toList());
    }

    /** What is set there is not bound by its name as it is; {@link EnvironmentVariables} looks at it. */
    private static boolean isOfTheMachine(Object source) {
        return source instanceof org.springframework.core.env.PropertySource<?> named
                && (named.getName().equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)
                        || named.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME));
    }

    private String problem(ObjectError error) {
        String field = error instanceof FieldError of ? of.getField() : "";
        ConfigurationPropertyName key = ConfigurationPropertyName.adapt("etd." + field, '.');
        String reason = String.valueOf(error.getDefaultMessage());
        if (ConfigurationKeys.problem(key).isPresent()) {
            // A check over several keys has a name of its own; its message begins with the key that it is about.
            key = key.getParent();
            String subject = reason.replaceFirst(" .*", "");
            ConfigurationPropertyName about = key.append(subject);
            if (ConfigurationKeys.problem(about).isEmpty()) {
                key = about;
            }
            reason = reason.substring(subject.length() + 1);
        }
        String written = ConfigurationKeys.written(key);
        return written + value(written, environment.getProperty(written)) + " " + reason;
    }

    private static String problem(BindException binding, ConversionFailedException conversion) {
        String key = ConfigurationKeys.written(binding.getName());
        return key + value(key, String.valueOf(conversion.getValue())) + " is no "
                + expected(conversion.getTargetType().getType());
    }

    private static String value(String key, String value) {
        return value == null || key.contains(".authentication") || key.endsWith(".password")
                ? ""
                : " (" + value.replaceAll("//[^/@]*@", "//***@") + ")";
    }

    private static String expected(Class<?> type) {
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(Object::toString)
                    .collect(Collectors.joining(", ", "known value: write one of ", ""));
        }
        if (type == Duration.class) {
            return "duration: write for example 300ms, 20s or 5m";
        }
        if (type == URI.class) {
            return "address: write for example http://localhost:8080/engine-rest";
        }
        return type == boolean.class ? "yes or no: write true or false" : "whole number";
    }
}
