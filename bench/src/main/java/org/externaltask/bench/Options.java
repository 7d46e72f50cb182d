package org.externaltask.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The command line of a question: {@code --name value}, and the flag {@code --anyway}. */
final class Options {

    /** What the person at the command line can mend. */
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }

    private final Map<String, String> values = new LinkedHashMap<>();

    Options(String[] args, Set<String> known) {
        for (int i = 0; i < args.length; i++) {
            String name = args[i].startsWith("--") ? args[i].substring(2) : "";
            if (name.equals("anyway")) {
                values.put(name, "true");
            } else if (known.contains(name) && i + 1 < args.length) {
                values.put(name, args[++i]);
            } else {
                throw new Wrong("'" + args[i] + "' is not understood; there are: --anyway"
                        + known.stream().sorted().map(option -> " --" + option + " …").reduce("", String::concat));
            }
        }
    }

    boolean anyway() {
        return values.containsKey("anyway");
    }

    String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    int number(String name, int otherwise) {
        String value = values.get(name);
        try {
            int number = value == null ? otherwise : Integer.parseInt(value);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through to the sentence below.
        }
        throw new Wrong("--" + name + " must be a number above 0, not '" + value + "'");
    }

    List<String> list(String name, String otherwise) {
        return List.of(text(name, otherwise).split(","));
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
