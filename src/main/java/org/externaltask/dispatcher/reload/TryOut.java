package org.externaltask.dispatcher.reload;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.RouteTemplateParameterDefinition;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.PluginHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Camel context to try topic files in: builds their routes with components of its own and starts none of them. */
final class TryOut implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TryOut.class);

    /** What every kamelet takes, and what Camel adds. */
    private static final Set<String> EVERY_KAMELET =
            Set.of("templateId", "routeId", "uuid", "location", "noErrorHandler", "bridgeErrorHandler");

    private final DefaultCamelContext scratch;

    TryOut(CamelContext live, SpareComponents components) {
        scratch = new DefaultCamelContext(false);
        scratch.setApplicationContextClassLoader(live.getApplicationContextClassLoader());
        scratch.getCamelContextExtension().setName(live.getName() + "-tryout");
        scratch.getCamelContextExtension()
                .setRegistry(new DefaultRegistry(new SpareRegistry(live.getRegistry(), components)));
        scratch.disableJMX();
        scratch.setAutoStartup(false);
        scratch.setStartupSummaryLevel(StartupSummaryLevel.Off);
        scratch.getPropertiesComponent().addPropertiesSource(new LiveProperties(live));
        scratch.start();
    }

    /** Builds the route of a file as the dispatcher would, but for starting it. */
    void load(TopicFile file) throws BrokenTopicFile {
        try {
            Set<Endpoint> before = new HashSet<>(scratch.getEndpoints());
            for (RoutesBuilder builder :
                    PluginHelper.getRoutesLoader(scratch).findRoutesBuilders(List.of(file.resource()))) {
                scratch.addRoutes(builder);
            }
            for (Endpoint endpoint : scratch.getEndpoints()) {
                if (endpoint instanceof KameletEndpoint kamelet && !before.contains(endpoint)) {
                    checkParameters(kamelet);
                }
            }
        } catch (Exception e) {
            throw BrokenTopicFile.because(e);
        }
    }

    /** Camel takes any parameter for a kamelet, so a misspelt one would be without effect and without a word. */
    private void checkParameters(KameletEndpoint kamelet) throws BrokenTopicFile {
        RouteTemplateDefinition template = scratch.getRouteTemplateDefinition(kamelet.getTemplateId());
        if (template == null || Kamelets.isInside(kamelet)) {
            return;
        }
        Set<String> declared = template.getTemplateParameters().stream()
                .map(RouteTemplateParameterDefinition::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> unknown = new TreeSet<>(kamelet.getKameletProperties().keySet());
        unknown.removeAll(declared);
        unknown.removeAll(EVERY_KAMELET);
        if (!unknown.isEmpty()) {
            throw new BrokenTopicFile("kamelet:" + kamelet.getTemplateId() + " has no parameter "
                    + String.join(", ", unknown) + "; it has " + String.join(", ", declared));
        }
    }

    @Override
    public void close() {
        try {
            scratch.close();
        } catch (Exception e) {
            LOG.debug("the context that tried topic files did not stop cleanly", e);
        }
    }

    /** Placeholders resolve as in the live context. */
    private record LiveProperties(CamelContext live) implements PropertiesSource {

        @Override
        public String getName() {
            return "live";
        }

        @Override
        public String getProperty(String name) {
            Optional<String> value = live.getPropertiesComponent().resolveProperty(name);
            return value.orElse(null);
        }
    }
}
