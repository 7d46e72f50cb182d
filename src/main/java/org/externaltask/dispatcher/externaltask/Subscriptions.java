package org.externaltask.dispatcher.externaltask;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.externaltask.dispatcher.externaltask.Subscription.Key;

/** Knows which topics have a started route, and so may be fetched: the allow-list of the dispatcher. */
public class Subscriptions {

    private final Map<Key, ExternalTaskConsumer> started = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** The topics of an engine that may be fetched now. */
    public List<Subscription> of(String engine) {
        return started.values().stream()
                .map(ExternalTaskConsumer::subscription)
                .filter(subscription -> subscription.engine().equals(engine))
                .toList();
    }

    /** All topics that may be fetched now. */
    public Collection<Subscription> all() {
        return started.values().stream().map(ExternalTaskConsumer::subscription).toList();
    }

    /** Calls back after a topic was added or removed. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    ExternalTaskConsumer consumer(Key key) {
        return started.get(key);
    }

    void add(ExternalTaskConsumer consumer) {
        Key key = consumer.subscription().key();
        ExternalTaskConsumer other = started.putIfAbsent(key, consumer);
        if (other != null && other != consumer) {
            throw new IllegalStateException("external-task:" + key.topic() + ": two routes for one topic of engine '"
                    + key.engine() + "': " + other.subscription().source() + " and "
                    + consumer.subscription().source() + "; keep one, or give them different engines");
        }
        listeners.forEach(Runnable::run);
    }

    void remove(ExternalTaskConsumer consumer) {
        if (started.remove(consumer.subscription().key(), consumer)) {
            listeners.forEach(Runnable::run);
        }
    }
}
