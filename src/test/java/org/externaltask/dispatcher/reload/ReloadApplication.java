package org.externaltask.dispatcher.reload;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.bean.springboot.BeanComponentAutoConfiguration;
import org.apache.camel.component.direct.springboot.DirectComponentAutoConfiguration;
import org.apache.camel.component.kamelet.springboot.KameletComponentAutoConfiguration;
import org.apache.camel.component.springrabbit.springboot.SpringRabbitMQComponentAutoConfiguration;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.spring.boot.routecontroller.SupervisingRouteControllerAutoConfiguration;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.amqp.RabbitAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;

/** The room "reload" on its own, with a little machinery, a kamelet and a stand-in for {@code external-task:}. */
@ImportAutoConfiguration({
    PropertyPlaceholderAutoConfiguration.class,
    CamelAutoConfiguration.class,
    SupervisingRouteControllerAutoConfiguration.class,
    KameletComponentAutoConfiguration.class,
    DirectComponentAutoConfiguration.class,
    BeanComponentAutoConfiguration.class,
    RabbitAutoConfiguration.class,
    SpringRabbitMQComponentAutoConfiguration.class
})
@EnableConfigurationProperties(EtdProperties.class)
@ComponentScan(basePackageClasses = TopicRoutes.class)
class ReloadApplication {

    /** A step of a route that holds the exchange until it is opened. */
    public static class Gate {

        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch opened = new CountDownLatch(1);

        public void pass() throws InterruptedException {
            reached.countDown();
            if (!opened.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody opened the gate");
            }
        }
    }

    @Bean("topic")
    TopicComponent topicComponent() {
        return new TopicComponent();
    }

    @Bean
    Gate gate() {
        return new Gate();
    }

    static ConfigurableApplicationContext start(Path folder, String... more) {
        return start("file:" + folder, more);
    }

    static ConfigurableApplicationContext start(String routes, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--etd.routes=" + routes,
                "--etd.engines.default.base-url=http://localhost:1/engine-rest",
                "--camel.main.routes-include-pattern=classpath:reload/machinery.camel.yaml",
                "--camel.component.kamelet.location=classpath:reload/kamelets",
                "--camel.component.direct.block=false"));
        arguments.addAll(Arrays.asList(more));
        return new SpringApplicationBuilder(ReloadApplication.class)
                .web(WebApplicationType.NONE)
                .run(arguments.toArray(String[]::new));
    }
}
