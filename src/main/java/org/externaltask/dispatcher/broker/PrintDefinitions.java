package org.externaltask.dispatcher.broker;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Map;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.json.Json;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.amqp.RabbitProperties;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.stereotype.Component;

/** Prints what the loaded routes need of the broker, and ends; nothing is connected to and no port is opened. */
@Component
@ConditionalOnProperty(PrintDefinitions.ASKED_FOR)
class PrintDefinitions {

    static final String ASKED_FOR = "etd.broker.print-definitions";

    private final ReceiveRoutes routes;
    private final EtdProperties.Broker broker;
    private final String virtualHost;
    private final ConfigurableApplicationContext application;

    PrintDefinitions(
            ReceiveRoutes routes,
            EtdProperties etd,
            RabbitProperties rabbitMq,
            ConfigurableApplicationContext application) {
        this.routes = routes;
        this.broker = etd.broker();
        this.virtualHost = rabbitMq.determineVirtualHost();
        this.application = application;
    }

    /** Runs when all that waits for {@code ApplicationReadyEvent} has had it, because nobody can be called after the end. */
    @EventListener
    void print(AvailabilityChangeEvent<ReadinessState> ready) throws JsonProcessingException {
        if (ready.getState() != ReadinessState.ACCEPTING_TRAFFIC) {
            return;
        }
        Needs needs = Needs.of(routes.endpoints(), broker);
        System.out.println(Json.MAPPER
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(Definitions.of(needs, virtualHost == null ? "/" : virtualHost)));
        application.close();
    }

    /** Keeps the application from starting anything, and the log out of what is printed. */
    static class Quietly implements EnvironmentPostProcessor {

        private static final Map<String, Object> SETTINGS = Map.of(
                "camel.main.auto-startup",
                false,
                "etd.reload.enabled",
                false,
                "logging.threshold.console",
                "ERROR",
                "spring.main.web-application-type",
                "none");

        @Override
        public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
            if (environment.getProperty(ASKED_FOR, "false").equalsIgnoreCase("true")) {
                environment.getPropertySources().addFirst(new MapPropertySource(ASKED_FOR, SETTINGS));
            }
        }
    }
}
