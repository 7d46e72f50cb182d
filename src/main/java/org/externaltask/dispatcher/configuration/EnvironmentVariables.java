package org.externaltask.dispatcher.configuration;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.stereotype.Component;

/**
 * Finds misspelt environment variables, {@code ETD_ENGINES_DEFAULT_BASEULR}: Spring passes over what it does not know there, so that
 * the setting would be without effect and without a word.
 */
@Component
class EnvironmentVariables implements ConfigurationPropertiesBindHandlerAdvisor {

    private static final String PREFIX = "ETD_";

    /** What Kubernetes and Docker set for a service that is called etd, or etd-broker. */
    private static final Pattern OF_A_SERVICE =
            Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");

    @Override
    public BindHandler apply(BindHandler handler) {
        return new AbstractBindHandler(handler) {
            @Override
            public void onFinish(ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result)
                    throws Exception {
                super.onFinish(name, target, context, result);
                if (name.equals(ConfigurationKeys.PREFIX)
                        && !problems(context.getSources()).isEmpty()) {
                    throw new UnboundConfigurationPropertiesException(new TreeSet<>());
                }
            }
        };
    }

    /** What is wrong with the variables that are meant for the dispatcher. */
    static List<String> problems(Iterable<ConfigurationPropertySource> sources) {
        return StreamSupport.stream(sources.spliterator(), false)
                .flatMap(source -> source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource environment
                        ? Arrays.stream(environment.getPropertyNames())
                        : Stream.empty())
                .filter(variable -> variable.startsWith(PREFIX)
                        && !isKnown(EtdProperties.class, variable.substring(PREFIX.length())))
                .filter(variable -> !OF_A_SERVICE.matcher(variable).matches())
                .flatMap(variable -> problem(variable).stream())
                .sorted()
                .toList();
    }

    private static Optional<String> problem(String variable) {
        ConfigurationPropertyName key = ConfigurationPropertyName.adapt(variable, '_');
        // Anything may begin with ETD_; what comes close to one of our words is ours.
        return key.getNumberOfElements() > 1 && ConfigurationKeys.isMeant(key)
                ? ConfigurationKeys.problem(key).map(problem -> "the environment variable " + variable + ": " + problem)
                : Optional.empty();
    }

    /** Both base-url spellings are: BASEURL, and BASE_URL. */
    private static boolean isKnown(Class<?> type, String rest) {
        if (!type.isRecord()) {
            return false;
        }
        return Arrays.stream(type.getRecordComponents()).anyMatch(component -> {
            String dashed = ConfigurationKeys.kebab(component.getName()).toUpperCase(Locale.ROOT);
            return Stream.of(dashed.replace("-", ""), dashed.replace('-', '_')).anyMatch(word -> {
                if (rest.equals(word)) {
                    return component.getType() != Map.class;
                }
                if (!rest.startsWith(word + "_")) {
                    return false;
                }
                String below = rest.substring(word.length() + 1);
                if (component.getType() == Map.class) {
                    below = below.contains("_") ? below.substring(below.indexOf('_') + 1) : "";
                }
                return isKnown(ConfigurationKeys.valueType(component), below);
            });
        });
    }
}
