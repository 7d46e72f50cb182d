package org.externaltask.dispatcher.externaltask;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Knows which topics, or user tasks, have a started route, and so may be asked for: the allow-list of the dispatcher.
 *
 * @param <S> what a route asks for
 */
public class Subscriptions<S extends Subscribed> {

    private final Map<SubscriptionKey, SubscribingConsumer<S>> started = new ConcurrentHashMap<>();
    private final Set<SubscriptionKey> paused = ConcurrentHashMap.newKeySet();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<S>> welcomes = new CopyOnWriteArrayList<>();
    private final List<Consumer<S>> farewells = new CopyOnWriteArrayList<>();

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

    /** Calls back with what may be asked for from now on, before {@link #onChange}. */
    public void onAdded(Consumer<S> listener) {
        welcomes.add(listener);
    }

    /** Calls back with what may not be asked for any more, before {@link #onChange}. */
    public void onRemoved(Consumer<S> listener) {
        farewells.add(listener);
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
        tell(farewells, changed ? started.get(key) : null);
        return changed;
    }

    /** @return false when it was not paused */
    boolean resume(SubscriptionKey key) {
        boolean changed = paused.remove(key);
        tell(welcomes, changed ? started.get(key) : null);
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
        tell(welcomes, isPaused(key) ? null : consumer);
    }

    void remove(SubscribingConsumer<S> consumer) {
        if (started.remove(consumer.subscription().key(), consumer)) {
            tell(farewells, isPaused(consumer.subscription().key()) ? null : consumer);
        }
    }

    /** @param consumer null when only the listeners to any change are to be told */
    private void tell(List<Consumer<S>> those, SubscribingConsumer<S> consumer) {
        if (consumer != null) {
            those.forEach(listener -> listener.accept(consumer.subscription()));
        }
        listeners.forEach(Runnable::run);
    }
}
