package org.externaltask.dispatcher.configuration;

import java.util.Collection;

/** A route or a task names an engine or a gateway that the configuration does not have. */
public class Unconfigured extends IllegalArgumentException {

    private Unconfigured(String role, String name, Collection<String> configured) {
        super("there is no %s named '%s' (configured: %s): set etd.%ss.%s.base-url or correct the name"
                .formatted(
                        role,
                        name,
                        configured.isEmpty()
                                ? "none"
                                : String.join(", ", configured.stream().sorted().toList()),
                        role,
                        name));
    }

    public static Unconfigured engine(String name, Collection<String> configured) {
        return new Unconfigured("engine", name, configured);
    }

    public static Unconfigured gateway(String name, Collection<String> configured) {
        return new Unconfigured("gateway", name, configured);
    }
}
