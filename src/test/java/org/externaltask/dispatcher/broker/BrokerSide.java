package org.externaltask.dispatcher.broker;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.kamelet.springboot.KameletComponentAutoConfiguration;
import org.apache.camel.component.springrabbit.springboot.SpringRabbitMQComponentAutoConfiguration;
import org.apache.camel.component.springrabbit.springboot.SpringRabbitMQComponentConverter;
import org.apache.camel.spi.Resource;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.awaitility.Awaitility;
import org.externaltask.dispatcher.circuit.Circuits;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.externaltask.dispatcher.engine.EngineCall;
import org.externaltask.dispatcher.engine.EngineFaults;
import org.externaltask.dispatcher.engine.EngineProbe;
import org.springframework.amqp.core.DirectExchange;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.amqp.RabbitAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The dispatcher's side of the broker with the application's own settings, and a second connection that plays the other systems. */
final class BrokerSide implements AutoCloseable {

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        RabbitAutoConfiguration.class,
        TaskExecutionAutoConfiguration.class,
        CamelAutoConfiguration.class,
        SpringRabbitMQComponentAutoConfiguration.class,
        SpringRabbitMQComponentConverter.class,
        KameletComponentAutoConfiguration.class
    })
    @EnableConfigurationProperties(EtdProperties.class)
    @Import({
        ConnectionLog.class,
        BlockedConnections.class,
        Circuits.class,
        Publisher.class,
        PublishComponent.class,
        Topology.class,
        Parking.class,
        ParkedMessages.class,
        RetryQueues.class,
        WaitingMessages.class,
        MessageErrors.class,
        MessageCounts.class,
        BrokerMeters.class,
        ReceiveRoutes.class,
        QueuesSeen.class,
        Correlated.class,
        EngineFaults.class,
        EngineCall.class,
        EngineProbe.class,
        EngineWatch.class,
        PatientDelivery.class,
        ReceivingContainers.class,
        BrokerConfiguration.class
    })
    static class Application {

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }
    }

    static {
        // Spring AMQP throws on threads of its own when a connection is cut while it is being closed.
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
    }

    final ConfigurableApplicationContext application;
    final CamelContext camel;
    final ProducerTemplate camelTemplate;
    final RabbitTemplate template;
    final RabbitAdmin admin;
    private final CachingConnectionFactory connection;
    private final List<String> queues = new ArrayList<>();
    private final List<String> exchanges = new ArrayList<>();

    /** @param port where the dispatcher connects to; the other systems always use the broker itself */
    BrokerSide(TestBroker broker, int port, String... properties) {
        application = start(broker.host(), port, properties);
        camel = application.getBean(CamelContext.class);
        camelTemplate = camel.createProducerTemplate();
        connection = new CachingConnectionFactory(broker.host(), broker.port());
        connection.setUsername("guest");
        connection.setPassword("guest");
        template = new RabbitTemplate(connection);
        admin = new RabbitAdmin(connection);
    }

    static ConfigurableApplicationContext start(String host, int port, String... properties) {
        List<String> all = new ArrayList<>(List.of(
                "etd.engines.default.base-url=http://localhost:1",
                "spring.rabbitmq.host=" + host,
                "spring.rabbitmq.port=" + port,
                "logging.level.qpid=off",
                "logging.level.org.apache.qpid=off",
                "camel.main.jmx-enabled=false",
                "camel.main.routes-include-pattern=classpath:routes/dispatcher/message-errors.camel.yaml"));
        all.addAll(List.of(properties));
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties("spring.main.log-startup-info=false")
                .run(all.stream().map(property -> "--" + property).toArray(String[]::new));
    }

    static String name(String kind) {
        return "etd-test-" + kind + "-" + UUID.randomUUID();
    }

    String queue() {
        return queue(Map.of());
    }

    String queue(Map<String, Object> arguments) {
        String queue = willDelete(name("queue"));
        admin.declareQueue(new Queue(queue, true, false, false, arguments));
        return queue;
    }

    String exchange() {
        String exchange = exchangeName();
        admin.declareExchange(new DirectExchange(exchange));
        return exchange;
    }

    String exchangeName() {
        String exchange = name("exchange");
        exchanges.add(exchange);
        return exchange;
    }

    String willDelete(String queue) {
        queues.add(queue);
        return queue;
    }

    void willDeleteExchange(String exchange) {
        exchanges.add(exchange);
    }

    void routes(String yaml) throws Exception {
        Resource resource = ResourceHelper.fromString(name("routes") + ".camel.yaml", yaml);
        PluginHelper.getRoutesLoader(camel).loadRoutes(resource);
    }

    void send(String exchange, String routingKey, byte[] body, MessageProperties properties) {
        template.send(exchange, routingKey, new Message(body, properties));
    }

    Message receive(String queue) {
        return template.receive(queue, 10_000);
    }

    int messages(String queue) {
        return admin.getQueueInfo(queue).getMessageCount();
    }

    @Override
    public void close() {
        application.close();
        queues.forEach(admin::deleteQueue);
        exchanges.forEach(admin::deleteExchange);
        connection.destroy();
    }
}
