package org.externaltask.dispatcher.reload;

import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.PathNotFoundException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ExpressionEvaluationException;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.HasExpressionType;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.RouteTemplateParameterDefinition;
import org.apache.camel.model.WhenDefinition;
import org.apache.camel.model.language.JsonPathExpression;
import org.apache.camel.spi.PropertiesSource;
import org.apache.camel.support.DefaultExchange;
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

    private final CamelContext live;
    private final DefaultCamelContext scratch;

    TryOut(CamelContext live, SpareComponents components) {
        this.live = live;
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

    /**
     * Builds the route of a file as the dispatcher would, but for starting it.
     *
     * @param consumed what topic files consume from, as {@link TopicOutline} says it
     */
    void load(TopicFile file, Set<String> consumed) throws BrokenTopicFile {
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
                if (endpoint instanceof DirectEndpoint direct && !before.contains(endpoint)) {
                    checkConsumer(direct, consumed);
                }
            }
            checkJsonPaths(scratch.getRouteDefinition(file.name()));
        } catch (Exception e) {
            throw BrokenTopicFile.because(e);
        }
    }

    /** Camel reads other languages when it builds the route, but these with the first task. */
    private void checkJsonPaths(RouteDefinition route) throws BrokenTopicFile {
        for (HasExpressionType step :
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), HasExpressionType.class)) {
            if (step.getExpressionType() instanceof JsonPathExpression jsonPath
                    && !jsonPath.getExpression().contains("${")) {
                boolean isPredicate = step instanceof FilterDefinition || step instanceof WhenDefinition;
                checkJsonPath(jsonPath, isPredicate);
            }
        }
    }

    private void checkJsonPath(JsonPathExpression jsonPath, boolean isPredicate) throws BrokenTopicFile {
        Exchange empty = new DefaultExchange(scratch);
        empty.getMessage().setBody("{}");
        try {
            if (isPredicate) {
                boolean unused = jsonPath.createPredicate(scratch).matches(empty);
            } else {
                Object unused = jsonPath.createExpression(scratch).evaluate(empty, Object.class);
            }
        } catch (ExpressionEvaluationException e) {
            boolean nothingThere = e.getCause() instanceof PathNotFoundException; // as is to be expected
            if (e.getCause() instanceof InvalidPathException && !nothingThere) {
                throw new BrokenTopicFile("the jsonpath " + jsonPath.getExpression() + " cannot be read: "
                        + e.getCause().getMessage());
            }
        }
    }

    /** Camel finds out with the first task. */
    private void checkConsumer(DirectEndpoint direct, Set<String> consumed) throws BrokenTopicFile {
        String address = direct.getEndpointUri().replace("://", ":");
        boolean hasConsumer =
                live.getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinitions().stream()
                        .anyMatch(route ->
                                address.equals(route.getInput().getEndpointUri().replace("://", ":")));
        if (!hasConsumer && !consumed.contains(address)) {
            throw new BrokenTopicFile("no route starts from " + address + "; check its spelling");
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
