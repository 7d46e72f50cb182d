package org.externaltask.dispatcher.fetch;

import java.util.concurrent.ExecutorService;
import org.apache.camel.CamelContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The threads that carry tasks. Permits bound how many there are, so the pool itself has no bound. */
@Configuration(proxyBeanMethods = false)
class TaskThreadsConfiguration {

    /** From Java 21 on with {@code spring.threads.virtual.enabled} these are virtual threads. */
    @Bean(destroyMethod = "") // Camel shuts it down, after the exchanges that run on it
    ExecutorService taskThreads(CamelContext context) {
        return context.getExecutorServiceManager().newCachedThreadPool(context, "task");
    }
}
