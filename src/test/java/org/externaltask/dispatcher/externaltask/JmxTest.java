package org.externaltask.dispatcher.externaltask;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.externaltask.dispatcher.DispatcherApplication;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** JMX is there for whoever asks for it. */
class JmxTest {

    private static final MBeanServer JMX = ManagementFactory.getPlatformMBeanServer();

    @TempDir
    private Path topics;

    @BeforeEach
    void writeTopic() throws Exception {
        Files.writeString(topics.resolve("svc_Steered.camel.yaml"), """
                - route:
                    id: svc_Steered
                    from:
                      uri: external-task:svc_Steered
                      parameters:
                        variables: "*"
                      steps:
                        - log:
                            message: never
                """);
    }

    @Test
    void nobody_pays_for_jmx_who_has_not_asked_for_it() throws Exception {
        try (ConfigurableApplicationContext dispatcher = start()) {
            assertThat(subscriptions(dispatcher).all()).hasSize(1);
            assertThat(beans("*")).isEmpty();
        }
    }

    @Test
    void a_topic_whose_route_is_stopped_by_jmx_leaves_the_fetch() throws Exception {
        try (ConfigurableApplicationContext dispatcher = start("--camel.main.jmx-enabled=true")) {
            ObjectName route =
                    beans("type=routes,name=\"svc_Steered\"").iterator().next();

            JMX.invoke(route, "stop", new Object[0], new String[0]);
            assertThat(subscriptions(dispatcher).all()).isEmpty();

            JMX.invoke(route, "start", new Object[0], new String[0]);
            assertThat(subscriptions(dispatcher).all()).hasSize(1);
            assertThat(beans("type=processors,*")).isEmpty();
        }
    }

    private static Set<ObjectName> beans(String which) throws Exception {
        return JMX.queryNames(new ObjectName("org.apache.camel:context=etd-jmx," + which), null);
    }

    private static Subscriptions<Subscription> subscriptions(ConfigurableApplicationContext dispatcher) {
        return dispatcher.getBean(ExternalTaskComponent.class).subscriptions();
    }

    private ConfigurableApplicationContext start(String... more) {
        return new SpringApplicationBuilder(DispatcherApplication.class)
                .registerShutdownHook(false)
                .run(Stream.concat(
                                Stream.of(
                                        "--server.port=0",
                                        "--camel.main.name=etd-jmx",
                                        "--etd.routes=file:" + topics,
                                        "--etd.engines.default.base-url=http://localhost:9/engine-rest",
                                        "--spring.rabbitmq.port=9"),
                                Stream.of(more))
                        .toArray(String[]::new));
    }
}
