package org.externaltask.dispatcher.fetch;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.stereotype.Component;

/** Says in the exchange property {@code etdStartable} whether the task that has arrived can be worked on. */
@Component("sortTask")
class SortTask implements Processor {

    @Override
    public void process(Exchange exchange) {
        exchange.setProperty(
                "etdStartable", exchange.getMessage().getBody(Lease.class).isStartable());
    }
}
