package org.externaltask.dispatcher.externaltask;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Knows which topics, or user tasks, have a started route, and so may be asked for: the allow-list of the dispatcher.
 *
 * @param <S> what a route asks for
 */
public class Subscriptions<S extends Subscribed> {

    private final Map<SubscriptionKey, SubscribingConsumer<S>> started = new ConcurrentHashMap<>();
    private final Set<SubscriptionKey> paused = ConcurrentHashMap.newKeySet();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** What may be asked of an engine now. */
    public List<S> of(String engine) {
        return all().stream()
                .filter(subscription -> subscription.key().engine().equals(engine))
                .toList();
    }

    /** All that may be asked for now. */
    public Collection<S> all() {
        return started.values().stream()
                .map(SubscribingConsumer::subscription)
                .filter(subscription -> !isPaused(subscription.key()))
                .toList();
    }

    /** Calls back after a subscription was added or removed. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Whose route takes what an engine answers; null when none does, as while it is paused. */
    SubscribingConsumer<S> consumer(SubscriptionKey key) {
        return isPaused(key) ? null : started.get(key);
    }

    boolean isStarted(SubscribingConsumer<S> consumer) {
        return started.get(consumer.subscription().key()) == consumer;
    }

    boolean isPaused(SubscriptionKey key) {
        return paused.contains(key);
    }

    /**
     * Asks for nothing of this key any more, whichever route has it, until {@link #resume}.
     *
     * @return false when that was so already
     */
    boolean pause(SubscriptionKey key) {
        boolean changed = paused.add(key);
        listeners.forEach(Runnable::run);
        return changed;
    }

    /** @return false when it was not paused */
    boolean resume(SubscriptionKey key) {
        boolean changed = paused.remove(key);
        listeners.forEach(Runnable::run);
        return changed;
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
