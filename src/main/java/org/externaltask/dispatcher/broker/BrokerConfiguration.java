package org.externaltask.dispatcher.broker;

import org.apache.camel.component.springrabbit.SpringRabbitMQComponent;
import org.apache.camel.spi.ComponentCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes Camel's {@code spring-rabbitmq:} receive in our way. */
@Configuration(proxyBeanMethods = false)
class BrokerConfiguration {

    @Bean
    ComponentCustomizer safeReceiving(ReceivingContainers containers) {
        return ComponentCustomizer.builder(SpringRabbitMQComponent.class).build(component -> {
            component.setListenerContainerFactory(containers);
            component.setMessageConverter(new ReceivedBody());
            component.setMessagePropertiesConverter(new ReceivedHeaders());
            component.setAutoDeclare(false); // Topology does it, and keeps what operators have declared
        });
    }
}
