package org.externaltask.dispatcher.reload;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.springframework.stereotype.Component;

/** Finds what is wrong with topic files without touching the routes that work. */
@Component
class TopicFileCheck {

    /** For each route that is added, Camel looks at all others of its context: a thousand in one would take longer than ten of a hundred. */
    private static final int AT_ONCE = 100;

    private final CamelContext context;
    private final SpareComponents components;

    TopicFileCheck(CamelContext context, SpareComponents components) {
        this.context = context;
        this.components = components;
    }

    /**
     * Checks each file by itself and against the others.
     *
     * @param files the files to check
     * @param neighbours the files that are at work, also those of which a new version is to be checked
     */
    List<Refusal> check(Collection<TopicFile> files, Collection<TopicFile> neighbours) {
        List<Refusal> refusals = new ArrayList<>();
        if (files.isEmpty()) {
            return refusals;
        }
        Map<String, TopicFile> ids = new HashMap<>();
        Map<String, TopicFile> consumed = new HashMap<>();
        for (TopicFile neighbour : neighbours) {
            try {
                TopicOutline outline = TopicOutline.of(neighbour);
                ids.put(neighbour.name(), neighbour);
                consumed.put(outline.consumes(), neighbour);
            } catch (BrokenTopicFile e) {
                throw new IllegalStateException(neighbour.path() + " is at work and yet broken", e);
            }
        }
        List<Outlined> outlined = files.stream().map(Outlined::of).toList();
        Set<String> known = new HashSet<>(consumed.keySet());
        outlined.stream()
                .filter(file -> file.outline != null)
                .map(file -> file.outline.consumes())
                .forEach(known::add);
        for (int from = 0; from < outlined.size(); from += AT_ONCE) {
            try (TryOut tryOut = new TryOut(context, components)) {
                for (Outlined file : outlined.subList(from, Math.min(from + AT_ONCE, outlined.size()))) {
                    try {
                        check(file, ids, consumed);
                        tryOut.load(file.file, known);
                        ids.put(file.file.name(), file.file);
                        consumed.put(file.outline.consumes(), file.file);
                    } catch (BrokenTopicFile e) {
                        refusals.add(new Refusal(file.file, e.getMessage()));
                    }
                }
            }
        }
        return refusals;
    }

    private void check(Outlined file, Map<String, TopicFile> ids, Map<String, TopicFile> consumed)
            throws BrokenTopicFile {
        if (file.broken != null) {
            throw file.broken;
        }
        String id = file.file.name();
        checkConfiguration(file.outline);
        checkMachinery(id);
        checkUnique(file.file, ids.get(id), "the id " + id);
        checkUnique(file.file, consumed.get(file.outline.consumes()), file.outline.consumes());
    }

    /** A file with its outline, or with why it has none. */
    private record Outlined(TopicFile file, TopicOutline outline, BrokenTopicFile broken) {

        static Outlined of(TopicFile file) {
            try {
                return new Outlined(file, TopicOutline.of(file), null);
            } catch (BrokenTopicFile e) {
                return new Outlined(file, null, e);
            }
        }
    }

    private static void checkUnique(TopicFile file, TopicFile other, String what) throws BrokenTopicFile {
        if (other != null && !other.location().equals(file.location())) {
            throw new BrokenTopicFile(other.path() + " already has " + what + "; keep one of the two files");
        }
    }

    /** Camel would replace a route of the machinery by one of the same id without a word. */
    private void checkMachinery(String id) throws BrokenTopicFile {
        RouteDefinition taken = model().getRouteDefinition(id);
        if (taken != null && taken.getResource() != null && isMachinery(taken)) {
            throw new BrokenTopicFile("the id " + id + " belongs to the dispatcher's own route "
                    + taken.getResource().getLocation() + "; choose another name");
        }
    }

    private static boolean isMachinery(RouteDefinition route) {
        return route.getResource().getLocation().contains("routes/dispatcher/");
    }

    /** Camel leaves out error clauses that it does not find. */
    private void checkConfiguration(TopicOutline outline) throws BrokenTopicFile {
        String wanted = outline.routeConfigurationId();
        List<String> known = model().getRouteConfigurationDefinitions().stream()
                .map(RouteConfigurationDefinition::getId)
                .filter(Objects::nonNull) // the one for all routes that name none
                .toList();
        if (wanted != null && !known.contains(wanted)) {
            throw new BrokenTopicFile("there is no routeConfigurationId " + wanted + "; write one of "
                    + known.stream().sorted().collect(Collectors.joining(", ")));
        }
    }

    private Model model() {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }
}
