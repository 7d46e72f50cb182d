package org.externaltask.dispatcher;

import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ApplicationListener;

/** Starts the dispatcher. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class DispatcherApplication {

    public static void main(String[] args) {
        AtomicBoolean failed = new AtomicBoolean();
        SpringApplication application = new SpringApplication(DispatcherApplication.class);
        application.addListeners(new ApplicationListener<ApplicationFailedEvent>() {
            @Override
            public void onApplicationEvent(ApplicationFailedEvent event) {
                failed.set(true);
            }
        });
        // A stop that was asked for is no failure, but the JVM would end with 143 after SIGTERM.
        SpringApplication.getShutdownHandlers().add(() -> {
            if (!failed.get()) {
                Runtime.getRuntime().halt(0);
            }
        });
        application.run(args);
    }
}
