package org.externaltask.dispatcher.reload;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.externaltask.dispatcher.configuration.EtdProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Looks at the topic folder again and again and reports what has changed.
 *
 * <p>It compares contents, because an edit can leave size and time of a file as they were, and waits until a file looks the
 * same twice, because editors write in several steps.
 */
@Component
class FolderWatch implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(FolderWatch.class);

    private final EtdProperties.Reload settings;
    private final TopicFolder folder;
    private final TopicRoutes routes;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "topic-folder"));
    private Map<String, TopicFile> reported = Map.of();
    private Map<String, TopicFile> lastSeen = Map.of();
    private String trouble;

    FolderWatch(EtdProperties properties, TopicFolder folder, TopicRoutes routes) {
        this.settings = properties.reload();
        this.folder = folder;
        this.routes = routes;
    }

    /** Starts to watch, if {@code etd.reload.enabled}. */
    void start() {
        if (!settings.enabled()) {
            return;
        }
        if (folder.directory().isEmpty()) {
            LOG.warn(
                    "etd.reload.enabled is without effect: {} is not a folder on disk; set etd.routes to one, for example"
                            + " file:/etc/etd/routes",
                    folder);
            return;
        }
        reported = byLocation(routes.files());
        lastSeen = reported;
        long millis = settings.interval().toMillis();
        timer.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
        LOG.info("{} is watched: a saved topic file is live in about a second", folder);
    }

    private void look() {
        try {
            Map<String, TopicFile> seen = byLocation(folder.read());
            report(seen);
            lastSeen = seen;
            routes.dropFinished();
            trouble = null;
        } catch (RuntimeException e) {
            if (!Objects.equals(trouble, e.getMessage())) {
                trouble = e.getMessage();
                LOG.error("changes in {} cannot be taken up, the routes work on as they are: {}", folder, trouble, e);
            }
        }
    }

    private void report(Map<String, TopicFile> seen) {
        List<TopicFile> changed = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        Set<String> locations = new HashSet<>(seen.keySet());
        locations.addAll(reported.keySet());
        for (String location : locations) {
            TopicFile now = seen.get(location);
            boolean settled = Objects.equals(now, lastSeen.get(location));
            if (settled && now == null) {
                gone.add(location);
            } else if (settled && !now.equals(reported.get(location))) {
                changed.add(now);
            }
        }
        if (!changed.isEmpty() || !gone.isEmpty()) {
            Map<String, TopicFile> next = new TreeMap<>(reported);
            next.keySet().removeAll(gone);
            next.putAll(byLocation(changed));
            routes.takeUp(changed, gone);
            reported = next;
        }
    }

    private static Map<String, TopicFile> byLocation(List<TopicFile> files) {
        Map<String, TopicFile> map = new TreeMap<>();
        files.forEach(file -> map.put(file.location(), file));
        return map;
    }

    @Override
    public void destroy() {
        timer.shutdownNow();
    }
}
