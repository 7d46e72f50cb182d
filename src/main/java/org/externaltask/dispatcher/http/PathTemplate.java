package org.externaltask.dispatcher.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A path or query with variables, such as {@code /customers/{customerNumber}}. Whatever a variable holds, it stays inside its
 * place: values are percent-encoded (RFC 3986, only unreserved characters stay) and can never leave the path.
 */
final class PathTemplate {

    private static final Pattern VARIABLE = Pattern.compile("\\{([^{}]*)}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");
    private static final Pattern LITERAL = Pattern.compile("([A-Za-z0-9\\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*");
    private static final Pattern SEPARATOR = Pattern.compile("[/\\\\]");
    private static final String UNRESERVED = "-._~";
    private static final int LONGEST_PLAIN_NUMBER = 100;

    private final String template;
    private final boolean isPath;
    private final List<String> literals = new ArrayList<>();
    private final List<String> names = new ArrayList<>();

    private PathTemplate(String option, String template) {
        this.template = template;
        this.isPath = option.equals("path");
        Matcher variable = VARIABLE.matcher(template);
        int end = 0;
        while (variable.find()) {
            literals.add(template.substring(end, variable.start()));
            names.add(variable.group(1));
            end = variable.end();
        }
        literals.add(template.substring(end));
        for (String name : names) {
            require(
                    option,
                    NAME.matcher(name).matches(),
                    "a variable is written {name}, with letters, digits and _ . -");
        }
        for (String literal : literals) {
            require(
                    option,
                    LITERAL.matcher(literal).matches(),
                    "has a character that cannot stand there: write variables as {name}, and anything else percent-encoded");
        }
    }

    /** A template of what follows the base URL. */
    public static PathTemplate path(String template) {
        PathTemplate path = new PathTemplate("path", template);
        path.require(
                "path",
                template.startsWith("/") && !template.startsWith("//"),
                "must start with one / (the host comes from the configuration)");
        path.require("path", !template.contains("${"), "must not hold ${…}; write {name} for a value of the body");
        path.require("path", !template.contains("?"), "must not hold a query: that is the option query");
        path.require("path", !leavesItsPlace(template), "must not hold . or .. as a segment");
        return path;
    }

    /** A template of a query, without its question mark. */
    public static PathTemplate query(String template) {
        PathTemplate query = new PathTemplate("query", template);
        query.require("query", !template.contains("${"), "must not hold ${…}; write {name} for a value of the body");
        query.require("query", !template.startsWith("?"), "is written without its question mark");
        return query;
    }

    boolean hasVariables() {
        return !names.isEmpty();
    }

    /**
     * Puts the values in.
     *
     * @param values gives a JSON scalar, text, number or boolean for a name, or null
     * @throws NoSuchElementException when a value is missing, null or empty; the messages name the variable, never the value
     * @throws IllegalArgumentException when a value is something else, or would leave its place
     */
    public String fill(Function<String, Object> values) {
        StringBuilder encoded = new StringBuilder(literals.get(0));
        StringBuilder plain = new StringBuilder(literals.get(0));
        for (int i = 0; i < names.size(); i++) {
            String value = text(names.get(i), values.apply(names.get(i)));
            encode(names.get(i), value, encoded);
            encoded.append(literals.get(i + 1));
            plain.append(value).append(literals.get(i + 1));
        }
        // Gateways decode %2F and %2E before they route, so that encoding alone would not keep a .. from climbing.
        if (isPath && leavesItsPlace(plain)) {
            throw new IllegalArgumentException(String.join(", ", names) + " holds . or .. as a path segment");
        }
        return encoded.toString();
    }

    @Override
    public String toString() {
        return template;
    }

    private void require(String option, boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException("option %s=%s: %s".formatted(option, template, rule));
        }
    }

    private static boolean leavesItsPlace(CharSequence path) {
        return Stream.of(SEPARATOR.split(path)).anyMatch(segment -> segment.equals(".") || segment.equals(".."));
    }

    private static String text(String name, Object value) {
        if (value == null) {
            throw new NoSuchElementException(name + " is missing");
        }
        String text;
        if (value instanceof JsonNode json) {
            if (json.isNull()) {
                throw new NoSuchElementException(name + " is null");
            }
            if (!json.isValueNode()) {
                throw new IllegalArgumentException(name + " is "
                        + json.getNodeType().name().toLowerCase(Locale.ROOT) + ", not a text, number or boolean");
            }
            text = json.isBigDecimal() && Math.abs(json.decimalValue().scale()) <= LONGEST_PLAIN_NUMBER
                    ? json.decimalValue().toPlainString()
                    : json.asText();
        } else if (value instanceof CharSequence || value instanceof Number || value instanceof Boolean) {
            text = value.toString();
        } else {
            throw new IllegalArgumentException(name + " is not a text, number or boolean");
        }
        if (text.isEmpty()) {
            throw new NoSuchElementException(name + " is empty");
        }
        return text;
    }

    private static void encode(String name, String value, StringBuilder encoded) {
        ByteBuffer bytes;
        try {
            bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(name + " is not valid Unicode text", e);
        }
        while (bytes.hasRemaining()) {
            int octet = Byte.toUnsignedInt(bytes.get());
            if (octet < 128 && (Character.isLetterOrDigit(octet) || UNRESERVED.indexOf(octet) >= 0)) {
                encoded.append((char) octet);
            } else {
                encoded.append('%')
                        .append(Character.toUpperCase(Character.forDigit(octet >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(octet & 15, 16)));
            }
        }
    }
}
