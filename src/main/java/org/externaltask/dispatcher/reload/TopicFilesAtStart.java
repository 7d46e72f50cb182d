package org.externaltask.dispatcher.reload;

import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Loads the topic files just before Camel starts, so that their routes start with it, and then has the folder watched. */
@Component
class TopicFilesAtStart implements CamelContextConfiguration {

    private final ObjectProvider<TopicRoutes> routes;
    private final ObjectProvider<FolderWatch> watch;

    TopicFilesAtStart(ObjectProvider<TopicRoutes> routes, ObjectProvider<FolderWatch> watch) {
        this.routes = routes;
        this.watch = watch;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {
        routes.getObject().load();
    }

    @Override
    public void afterApplicationStart(CamelContext context) {
        watch.getObject().start();
    }
}
