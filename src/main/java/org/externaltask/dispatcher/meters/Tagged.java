package org.externaltask.dispatcher.meters;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The meters of one name, by the values of their tags. A look into the registry builds and compares an id each time, which is too much
 * to do for each task; this one compares texts that are mostly the same objects.
 *
 * @param <M> what is registered
 */
public final class Tagged<M> {

    private final Map<List<String>, M> meters = new ConcurrentHashMap<>();
    private final List<String> keys;
    private final Function<Tags, M> register;

    private Tagged(Function<Tags, M> register, List<String> keys) {
        this.register = register;
        this.keys = keys;
    }

    /** @param register makes the meter when its tags are first seen */
    public static <M> Tagged<M> by(Function<Tags, M> register, String... keys) {
        return new Tagged<>(register, List.of(keys));
    }

    /** @param values in the order of the keys, each from a bounded set such as the topics that have a route, never from data */
    public M of(String... values) {
        List<String> key = List.of(values);
        M known = meters.get(key);
        return known != null ? known : meters.computeIfAbsent(key, this::register);
    }

    private M register(List<String> values) {
        List<Tag> tags = new ArrayList<>(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            tags.add(Tag.of(keys.get(i), values.get(i)));
        }
        return register.apply(Tags.of(tags));
    }
}
