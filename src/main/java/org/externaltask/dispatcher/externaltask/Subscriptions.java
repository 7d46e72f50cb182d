package org.externaltask.dispatcher.externaltask;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Knows which topics, or user tasks, have a started route, and so may be asked for: the allow-list of the dispatcher.
 *
 * @param <S> what a route asks for
 */
public class Subscriptions<S extends Subscribed> {

    private final Map<SubscriptionKey, SubscribingConsumer<S>> started = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** What may be asked of an engine now. */
    public List<S> of(String engine) {
        return started.values().stream()
                .map(SubscribingConsumer::subscription)
                .filter(subscription -> subscription.key().engine().equals(engine))
                .toList();
    }

    /** All that may be asked for now. */
    public Collection<S> all() {
        return started.values().stream().map(SubscribingConsumer::subscription).toList();
    }

    /** Calls back after a subscription was added or removed. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    SubscribingConsumer<S> consumer(SubscriptionKey key) {
        return started.get(key);
    }

    void add(SubscribingConsumer<S> consumer) {
        SubscriptionKey key = consumer.subscription().key();
        SubscribingConsumer<S> other = started.putIfAbsent(key, consumer);
        if (other != null && other != consumer) {
            throw new IllegalStateException(key.uri() + ": two routes for one " + key.kind() + " of engine '"
                    + key.engine() + "': " + other.subscription().source() + " and "
                    + consumer.subscription().source() + "; keep one, or give them different engines");
        }
        listeners.forEach(Runnable::run);
    }

    void remove(SubscribingConsumer<S> consumer) {
        if (started.remove(consumer.subscription().key(), consumer)) {
            listeners.forEach(Runnable::run);
        }
    }
}
