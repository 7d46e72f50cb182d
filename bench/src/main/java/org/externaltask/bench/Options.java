package org.externaltask.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The command line of a question: {@code --name value}, and the flag {@code --anyway}. */
final class Options {

    /** What the person at the command line can mend. */
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }

        Wrong(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final Map<String, String> values = new LinkedHashMap<>();

    private final Map<String, String> asked = new TreeMap<>();

    Options(String[] args, Stream<String> options) {
        Set<String> known = options.collect(Collectors.toSet());
        for (int i = 0; i < args.length; i++) {
            String name = args[i].startsWith("--") ? args[i].substring(2) : "";
            if (name.equals("anyway")) {
                values.put(name, "true");
            } else if (known.contains(name) && i + 1 < args.length) {
                values.put(name, args[++i]);
            } else {
                throw new Wrong("'" + args[i] + "' is not understood; there are: --anyway"
                        + known.stream()
                                .sorted()
                                .map(option -> " --" + option + " …")
                                .reduce("", String::concat));
            }
        }
    }

    boolean anyway() {
        return values.containsKey("anyway");
    }

    @SafeVarargs
    static Set<String> all(Set<String>... sets) {
        return Stream.of(sets).flatMap(Set::stream).collect(Collectors.toSet());
    }

    /** What was asked for and found, or its default: the settings of the run. */
    Map<String, String> settings() {
        return asked;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String text(String name, String otherwise) {
        String value = values.getOrDefault(name, otherwise);
        asked.put(name, value);
        return value;
    }

    int number(String name, int otherwise) {
        String value = text(name, String.valueOf(otherwise));
        try {
            int number = Integer.parseInt(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through to the sentence below.
        }
        throw new Wrong("--" + name + " must be a number, not '" + value + "'");
    }

    List<String> list(String name, String otherwise) {
        return List.of(text(name, otherwise).split(","));
    }

    List<Integer> numbers(String name, String otherwise) {
        try {
            return list(name, otherwise).stream().map(Integer::valueOf).toList();
        } catch (NumberFormatException e) {
            throw new Wrong("--" + name + " must be numbers, separated by commas", e);
        }
    }

    /** One of a few words. */
    String choice(String name, List<String> choices) {
        String value = text(name, choices.get(0));
        if (!choices.contains(value)) {
            throw new Wrong("--" + name + " must be one of " + choices + ", not '" + value + "'");
        }
        return value;
    }

    Path jar() {
        if (!values.containsKey("jar")) {
            return Home.jar();
        }
        Path jar = Path.of(values.get("jar")).toAbsolutePath();
        if (!Files.isRegularFile(jar)) {
            throw new Wrong("--jar: there is no file " + jar);
        }
        return jar;
    }
}
