package org.externaltask.dispatcher.reload;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Knows which topic files are at work and which are refused; loads them at start-up and takes up changes. */
@Component
public class TopicRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(TopicRoutes.class);

    private final TopicFolder folder;
    private final TopicFileCheck check;
    private final LiveRoutes routes;
    private final Map<String, TopicFile> atWork = new TreeMap<>();
    private final Map<String, Refusal> refused = new TreeMap<>();
    private volatile Status status = new Status(false, 0, Map.of());

    TopicRoutes(TopicFolder folder, TopicFileCheck check, LiveRoutes routes) {
        this.folder = folder;
        this.check = check;
        this.routes = routes;
    }

    /**
     * What is known about the topic files.
     *
     * @param loaded false until start-up has come to them, which is after the first health checks are answered
     * @param atWork how many have a route
     * @param refused why others have not been taken up, by the path of the file
     */
    public record Status(boolean loaded, int atWork, Map<String, String> refused) {}

    /** What is at work now. */
    public Status status() {
        return status;
    }

    /** Loads all topic files; stops start-up when one of them is broken. */
    synchronized void load() {
        List<TopicFile> files = folder.read();
        List<Refusal> broken = new ArrayList<>(check.check(files, List.of()));
        if (broken.isEmpty()) {
            for (TopicFile file : files) {
                try {
                    routes.add(file);
                    atWork.put(file.location(), file);
                } catch (BrokenTopicFile e) {
                    broken.add(new Refusal(file, e.getMessage()));
                }
            }
        }
        if (!broken.isEmpty()) {
            throw new TopicFilesUnusable(
                    broken.size() + " of " + files.size() + " topic files in " + folder + " cannot be used:\n\n"
                            + broken.stream().map(refusal -> "  " + refusal).collect(Collectors.joining("\n")),
                    "Mend or remove the files named above and start again.");
        }
        updateStatus();
        LOG.info(
                "topics loaded from {}: {}",
                folder,
                files.stream().map(TopicFile::name).collect(Collectors.joining(", ")));
    }

    /** The files that are at work. */
    synchronized List<TopicFile> files() {
        return List.copyOf(atWork.values());
    }

    /**
     * Takes up changes; a broken file is refused while the route that it had works on.
     *
     * @param changed files that are new or have new content
     * @param gone locations of files that are no longer there
     */
    synchronized void takeUp(Collection<TopicFile> changed, Collection<String> gone) {
        gone.forEach(this::remove);
        Map<String, TopicFile> candidates = new TreeMap<>();
        refused.forEach((location, refusal) -> candidates.put(location, refusal.file()));
        changed.forEach(file -> candidates.put(file.location(), file));

        List<TopicFile> open = List.copyOf(candidates.values());
        List<Refusal> refusals = check.check(open, atWork.values());
        while (!refusals.isEmpty() && refusals.size() < open.size()) { // what is accepted may make room for another
            accept(open, refusals);
            open = refusals.stream().map(Refusal::file).toList();
            refusals = check.check(open, atWork.values());
        }
        accept(open, refusals);
        refusals.forEach(this::refuse);
        updateStatus();
    }

    /** Lets routes go that have been replaced or removed and have finished their work. */
    synchronized void dropFinished() {
        routes.dropFinished();
    }

    private void remove(String location) {
        refused.remove(location);
        TopicFile file = atWork.remove(location);
        if (file != null) {
            int left = routes.remove(file);
            LOG.info("{}: removed ({}){}", file.name(), file.path(), ending(left));
        }
    }

    private void accept(List<TopicFile> files, List<Refusal> refusals) {
        List<TopicFile> broken = refusals.stream().map(Refusal::file).toList();
        files.stream().filter(file -> !broken.contains(file)).forEach(this::accept);
    }

    private void accept(TopicFile file) {
        TopicFile before = atWork.get(file.location());
        try {
            if (before == null) {
                routes.add(file);
                LOG.info("{}: loaded ({})", file.name(), file.path());
            } else if (before.equals(file)) {
                LOG.info("{}: as before ({})", file.name(), file.path());
            } else {
                int left = routes.replace(before, file);
                LOG.info("{}: replaced ({}){}", file.name(), file.path(), ending(left));
            }
            atWork.put(file.location(), file);
            refused.remove(file.location());
        } catch (BrokenTopicFile e) {
            refuse(new Refusal(file, e.getMessage()));
        }
    }

    private void refuse(Refusal refusal) {
        Refusal before = refused.put(refusal.file().location(), refusal);
        if (!refusal.equals(before)) {
            String effect = atWork.containsKey(refusal.file().location())
                    ? "the version before works on"
                    : "it has no route until it is mended";
            LOG.error("{} is refused, {}: {}", refusal.file().path(), effect, refusal.reason());
        }
    }

    private void updateStatus() {
        Map<String, String> reasons = new LinkedHashMap<>();
        refused.values().forEach(refusal -> reasons.put(refusal.file().path(), refusal.reason()));
        status = new Status(true, atWork.size(), Collections.unmodifiableMap(reasons));
    }

    private static String ending(int left) {
        return left == 0 ? "" : ", " + left + " at work end on the version before";
    }
}
