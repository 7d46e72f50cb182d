package org.externaltask.dispatcher.configuration;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/** Knows every key under {@code etd.}, as {@link EtdProperties} states them. */
final class ConfigurationKeys {

    static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("etd");

    private static final int FARTHEST_SLIP = 3;

    private ConfigurationKeys() {}

    /** What is wrong with a key below {@code etd.}; empty when it is known. */
    static Optional<String> problem(ConfigurationPropertyName key) {
        Class<?> type = EtdProperties.class;
        boolean named = false; // whether the next part is a name that the user chooses, or a number in a list
        for (int i = PREFIX.getNumberOfElements(); i < key.getNumberOfElements(); i++) {
            String part = key.getElement(i, Form.UNIFORM);
            if (named) {
                named = false;
                continue;
            }
            Optional<RecordComponent> component = component(type, part);
            if (component.isEmpty()) {
                return Optional.of(unknown(key, i, type));
            }
            named = holdsMany(component.get());
            type = valueType(component.get());
        }
        return Optional.empty();
    }

    /** The way a person writes a key of validation, {@code etd.engines[default].baseUrl}. */
    static String written(ConfigurationPropertyName key) {
        StringBuilder written = new StringBuilder(PREFIX.toString());
        Class<?> type = EtdProperties.class;
        boolean named = false;
        for (int i = PREFIX.getNumberOfElements(); i < key.getNumberOfElements(); i++) {
            Optional<RecordComponent> component =
                    named ? Optional.empty() : component(type, key.getElement(i, Form.UNIFORM));
            if (key.isNumericIndex(i)) {
                written.append('[').append(key.getElement(i, Form.ORIGINAL)).append(']');
                named = false;
                continue;
            }
            written.append('.')
                    .append(component.map(known -> kebab(known.getName())).orElse(key.getElement(i, Form.ORIGINAL)));
            named = component.isPresent() && holdsMany(component.get());
            type = component.<Class<?>>map(ConfigurationKeys::valueType).orElse(type);
        }
        return written.toString();
    }

    private static String unknown(ConfigurationPropertyName key, int at, Class<?> type) {
        String parent = key.chop(at).toString();
        if (!type.isRecord()) {
            return key + " is unknown: " + parent + " has no keys below it";
        }
        List<String> allowed = Arrays.stream(type.getRecordComponents())
                .map(component -> kebab(component.getName()))
                .toList();
        String part = key.getElement(at, Form.DASHED);
        String meant = allowed.stream()
                .min(Comparator.comparingInt(candidate -> slip(part, candidate)))
                .filter(candidate -> slip(part, candidate) <= FARTHEST_SLIP)
                .map(candidate -> "; did you mean " + parent + "." + candidate + "?")
                .orElse("");
        return key + " is unknown: allowed under " + parent + " are " + String.join(", ", allowed) + meant;
    }

    /** Whether the first part after {@code etd} is one of our words, or nearly one. */
    static boolean isMeant(ConfigurationPropertyName key) {
        String first = key.getElement(PREFIX.getNumberOfElements(), Form.UNIFORM);
        return Arrays.stream(EtdProperties.class.getRecordComponents())
                .anyMatch(component -> slip(first, kebab(component.getName())) <= FARTHEST_SLIP);
    }

    private static int slip(String part, String candidate) {
        return distance(part.replace("-", ""), candidate.replace("-", ""));
    }

    private static Optional<RecordComponent> component(Class<?> type, String uniform) {
        return type.isRecord()
                ? Arrays.stream(type.getRecordComponents())
                        .filter(component -> component.getName().equalsIgnoreCase(uniform))
                        .findFirst()
                : Optional.empty();
    }

    private static boolean holdsMany(RecordComponent component) {
        return component.getType() == Map.class || component.getType() == List.class;
    }

    static Class<?> valueType(RecordComponent component) {
        if (!(component.getGenericType() instanceof ParameterizedType many)) {
            return component.getType();
        }
        Type[] types = many.getActualTypeArguments();
        return (Class<?>) types[types.length - 1];
    }

    static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
    }

    /** How many letters must be changed, added or left out to make one word of the other (Levenshtein). */
    private static int distance(String one, String other) {
        int[] previous = new int[other.length() + 1];
        Arrays.setAll(previous, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int[] current = new int[other.length() + 1];
            current[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[other.length()];
    }
}
