package org.externaltask.dispatcher.security;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.web.context.ConfigurableWebApplicationContext;

/**
 * Without a login, the servers listen on this machine only: what is not said is 127.0.0.1, and what is said otherwise stops start-up.
 */
class Loopback implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    static final String WHAT_TO_SET =
            "etd.console.users.<name>.password and .role (ETD_CONSOLE_USERS_OPERATOR_PASSWORD in the environment)";

    private static final String SERVER = "server.address";
    private static final String MANAGEMENT = "management.server.address";

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        if (!(context instanceof ConfigurableWebApplicationContext) || isLoginConfigured(environment)) {
            return;
        }
        Map<String, Object> unsaid = new LinkedHashMap<>();
        List<String> tooWide = new ArrayList<>();
        look(environment, SERVER, unsaid, tooWide);
        if (ManagementPortType.get(environment) == ManagementPortType.DIFFERENT) {
            look(environment, MANAGEMENT, unsaid, tooWide);
        }
        if (!tooWide.isEmpty()) {
            throw new StartRefused(
                    String.join(" and ", tooWide) + " would let others than this machine reach the dispatcher, and no"
                            + " login is configured.",
                    "Set " + WHAT_TO_SET + ", or leave the address away: then it is 127.0.0.1.");
        }
        environment.getPropertySources().addLast(new MapPropertySource("etd.loopback", unsaid));
    }

    private static void look(
            ConfigurableEnvironment environment, String key, Map<String, Object> unsaid, List<String> tooWide) {
        String address = environment.getProperty(key);
        if (address == null || address.isBlank()) {
            unsaid.put(key, "127.0.0.1");
        } else if (!isAddress(address)) {
            tooWide.add(key + " (" + address + ")");
        }
    }

    private static boolean isLoginConfigured(ConfigurableEnvironment environment) {
        return Binder.get(environment)
                .bind("etd.console.users", Bindable.mapOf(String.class, Object.class))
                .map(users -> !users.isEmpty())
                .orElse(false);
    }

    static boolean isAddress(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
