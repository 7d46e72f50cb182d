package org.externaltask.dispatcher.reload;

import java.util.Optional;
import org.apache.camel.Component;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;

/**
 * Makes second copies of the Camel components that are Spring beans, for contexts other than the live one: a component
 * belongs to one Camel context, and giving the bean to another would take it away from the live one.
 */
@org.springframework.stereotype.Component
class SpareComponents {

    private final DefaultListableBeanFactory copies;

    SpareComponents(ConfigurableListableBeanFactory beans) {
        copies = new DefaultListableBeanFactory(beans);
        copies.copyConfigurationFrom(beans);
        for (String name : beans.getBeanNamesForType(Component.class, true, false)) {
            RootBeanDefinition copy = new RootBeanDefinition((RootBeanDefinition) beans.getMergedBeanDefinition(name));
            copy.setScope(BeanDefinition.SCOPE_PROTOTYPE);
            copies.registerBeanDefinition(name, copy);
        }
    }

    Optional<Component> create(String name) {
        return copies.containsBeanDefinition(name)
                ? Optional.of(copies.getBean(name, Component.class))
                : Optional.empty();
    }
}
