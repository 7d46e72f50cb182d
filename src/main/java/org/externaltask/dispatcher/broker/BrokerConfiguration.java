package org.externaltask.dispatcher.broker;

import org.apache.camel.component.springrabbit.SpringRabbitMQComponent;
import org.apache.camel.spi.ComponentCustomizer;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes Camel's {@code spring-rabbitmq:} receive in our way. */
@Configuration(proxyBeanMethods = false)
class BrokerConfiguration {

    @Bean
    ComponentCustomizer safeReceiving(
            ReceivingContainers containers, RetryQueues retryQueues, EtdProperties properties) {
        return ComponentCustomizer.builder(SpringRabbitMQComponent.class).build(component -> {
            component.setListenerContainerFactory(containers);
            component.setMessageConverter(new ReceivedBody(properties.broker().maxMessageBytes()));
            component.setMessagePropertiesConverter(new ReceivedHeaders(retryQueues));
            component.setAutoDeclare(false); // Topology does it, and keeps what operators have declared
        });
    }
}
