package org.externaltask.bench.engine;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.JdbcTemplate;

/** An engine with its REST API, by the port and the {@link Database} on its command line. */
@SpringBootApplication
public class BenchEngine {

    public static void main(String[] args) {
        Database database = Database.of(args[1]);
        ConfigurableApplicationContext context = new SpringApplicationBuilder(BenchEngine.class)
                .registerShutdownHook(false)
                .properties(database.settings())
                .properties("server.port=" + args[0])
                .run();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            context.close();
            database.close();
        }));
    }

    @Bean
    Leftovers leftovers(JdbcTemplate jdbc, @Value("${spring.datasource.url}") String url) {
        return new Leftovers(jdbc, url.startsWith("jdbc:h2:"));
    }

    @Bean
    Counts counts() {
        return new Counts();
    }

    @Bean
    FilterRegistrationBean<CountingFilter> countingFilter(Counts counts, Leftovers leftovers) {
        FilterRegistrationBean<CountingFilter> filter =
                new FilterRegistrationBean<>(new CountingFilter(counts, leftovers));
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return filter;
    }
}
