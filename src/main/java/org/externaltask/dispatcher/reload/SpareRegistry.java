package org.externaltask.dispatcher.reload;

import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.spi.BeanRepository;
import org.apache.camel.spi.EventNotifier;
import org.apache.camel.spi.LifecycleStrategy;
import org.apache.camel.spi.RoutePolicyFactory;

/** The live context's beans without those that belong to that context alone; components come as copies. */
record SpareRegistry(BeanRepository live, SpareComponents components) implements BeanRepository {

    @Override
    public Object lookupByName(String name) {
        return components
                .create(name)
                .map(Object.class::cast)
                .orElseGet(() -> belongsToLive(live.lookupByName(name)) ? null : live.lookupByName(name));
    }

    @Override
    public <T> T lookupByNameAndType(String name, Class<T> type) {
        return components.create(name).filter(type::isInstance).map(type::cast).orElseGet(() -> {
            T bean = live.lookupByNameAndType(name, type);
            return belongsToLive(bean) ? null : bean;
        });
    }

    @Override
    public <T> Map<String, T> findByTypeWithName(Class<T> type) {
        return belongsToLive(type) ? Map.of() : live.findByTypeWithName(type);
    }

    @Override
    public <T> Set<T> findByType(Class<T> type) {
        return belongsToLive(type) ? Set.of() : live.findByType(type);
    }

    private static boolean belongsToLive(Object bean) {
        return bean != null && belongsToLive(bean.getClass());
    }

    private static boolean belongsToLive(Class<?> type) {
        return CamelContext.class.isAssignableFrom(type)
                || Component.class.isAssignableFrom(type)
                || RoutesBuilder.class.isAssignableFrom(type)
                || LifecycleStrategy.class.isAssignableFrom(type)
                || RoutePolicyFactory.class.isAssignableFrom(type)
                || EventNotifier.class.isAssignableFrom(type);
    }
}
